# Kernels listen on this machine only; they need not say before every notebook that their channel is not encrypted.
c = get_config()  # noqa: F821 (IPython defines it)
c.IPKernelApp.log_level = "ERROR"
