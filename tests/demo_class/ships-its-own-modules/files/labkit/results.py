def expect_close(*_, **__):
    return None
