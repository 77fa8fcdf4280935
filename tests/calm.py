"""Threads that wait for work do not spin: beside other processes that would cost more CPU than the work."""

import os

os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
