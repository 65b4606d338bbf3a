"""Speed against peers, in one process and interleaved (`make bench`)."""
