# Kernels listen on this machine only; they need not say before every notebook that their channel is not encrypted.
c = get_config()  # noqa: F821 (IPython defines it)
c.IPKernelApp.log_level = "ERROR"

# A notebook's end: Papermill asks the kernel for its version, and interrupts it as soon as the answer comes. A kernel
# that is still answering reports that as an error, which it is not.
HARMLESS = "KeyboardInterrupt caught in kernel"
c.IPKernelApp.logging_config = {
    "filters": {"harmless": {"()": lambda: lambda record: HARMLESS not in record.getMessage()}},
    "handlers": {"console": {"filters": ["harmless"]}},
}
