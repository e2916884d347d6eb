"""The trusted side: runs test cells, asks the sandbox, and turns evidence into points and words."""
