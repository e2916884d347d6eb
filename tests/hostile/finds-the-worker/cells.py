# %% start from untouched

# %% own after setup
import gc


def the_worker():
    return next(each for each in gc.get_objects() if type(each).__name__ == "Worker")


worker = the_worker()
worker.channel.send("value", 1e9)
worker.objects.extend([np.zeros(3)] * 100)
for _, turns in worker.kept:
    turns.send(b"l")
print(worker.kept, worker.channel.incoming)
