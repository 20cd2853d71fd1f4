"""An empty Gradio page with one input, served as ours are: ``python -m eval.bench_empty_page PORT``."""

from __future__ import annotations

import sys

from assistant.offline import switch_off_calls_home


def main(port: int) -> None:
    """Serve the page at ``/en/`` until told to end."""
    switch_off_calls_home()
    import gradio as gr
    import uvicorn
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    with gr.Blocks(analytics_enabled=False) as page:
        gr.Textbox(elem_id="question")
    gr.mount_gradio_app(app, page, "/en", footer_links=[], ssr_mode=False, pwa=False, mcp_server=False)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
