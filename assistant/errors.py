"""Every error this program raises on purpose, as one tree.

AssistantError
├── SettingError        a setting, option or environment variable is wrong
├── QuestionError       a question cannot be taken as it is (empty, too long)
├── DocumentError       a file of the knowledge base cannot be read as a document
├── ModelError          an embedding model cannot be loaded or does not fit
├── IndexError_         the index cannot be opened, built or trusted
│   ├── IndexMissing    nothing has been built yet
│   ├── LibraryDamaged  the file with documents and vectors is damaged or lost
│   └── IndexBusy       another process is building
├── WritingError        a language model has not written a text to its proper end
├── RecordError         what somebody sent to the mentors cannot be stored or read
│   └── ClaimError      a mentor closes an item of the queue that they do not hold
└── CitationError       a quote does not stand in its passage (a defect, never shown)

Each message gives the value, the rule it breaks and the way out, in that order.
"""

from __future__ import annotations


class AssistantError(Exception):
    """The base of all errors a caller may want to show to a person."""


class SettingError(AssistantError):
    """A setting, option or environment variable is unknown or out of range."""


class QuestionError(AssistantError):
    """A question cannot be taken as it is: empty, too long, or not text."""


class DocumentError(AssistantError):
    """A file of the knowledge base cannot be read as a document."""


class ModelError(AssistantError):
    """An embedding model cannot be loaded or does not fit the stored vectors."""


class WritingError(AssistantError):
    """A language model has not written a text to its proper end.

    Attributes:
        fault: What happened, in one word for figures and logs: ``refused``, ``limited``, ``failed``, ``unreachable``,
            ``slow``, ``stalled``, ``late``, ``cut``, ``long``, ``malformed``, ``empty``, ``busy`` or ``resting``.
    """

    def __init__(self, fault: str, message: str) -> None:
        super().__init__(message)
        self.fault = fault


class IndexError_(AssistantError):  # noqa: N801  the built-in name is taken, the word is right
    """The index cannot be opened, built or trusted."""


class IndexMissing(IndexError_):
    """No index has been built in the data directory yet."""


class LibraryDamaged(IndexError_):
    """The file with documents and vectors is damaged or lost; another one must be made."""


class IndexBusy(IndexError_):
    """Another process is building the index at this moment."""


class RecordError(AssistantError):
    """A record cannot be stored or read: the disk is full, the folder is gone, or access is denied."""


class ClaimError(RecordError):
    """A mentor wants to close an item of the queue without holding it; somebody else may."""


class CitationError(AssistantError):
    """A quote does not stand, letter for letter, in the passage it names."""
