"""Python imports this before anything else in a process that a test has started: it takes over the tests' clock."""

import os
import time

import time_machine

if os.environ.get("TEST_CLOCK_AHEAD"):
    time_machine.travel(time.time() + float(os.environ["TEST_CLOCK_AHEAD"]), tick=True).start()
