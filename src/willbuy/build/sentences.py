"""What an error says to whoever builds: its message, if that is a sentence."""

# Their messages are sentences. The name of any other error is a part of what it says.
SENTENCES = {
    "AssertionError",
    "DamagedModelError",
    "DamagedTreesError",
    "IngestError",
    "KeyError",
    "LogTooShort",
    "ParameterError",
    "Refused",
    "RejectedError",
    "SchemaError",
    "TaskBuildError",
    "TooMuchQuarantined",
    "ValueError",
}


def sentence(name: str, message: str) -> str:
    """The message of an error of this name, with the name where the message needs it."""
    message = message.strip()
    return message if is_sentence(name, message) else f"{name}: {message}".removesuffix(": ")


def is_sentence(name: str, message: str) -> bool:
    """Does the message say by itself what is wrong?"""
    return name in SENTENCES and " " in message.strip()
