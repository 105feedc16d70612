"""Nothing happens: what the users see when all is well, to compare the other chapters with."""

import time

from chapters import chapter


@chapter("peace", share=0.6)
def peace(_town, seconds):
    time.sleep(seconds)
