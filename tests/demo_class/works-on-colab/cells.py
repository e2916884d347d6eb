# %% start from solutions
# %% own after start
from google.colab import drive
drive.mount("/content/drive")
%cd /content/drive/MyDrive/mbrl
%pip install -q -r requirements.txt
