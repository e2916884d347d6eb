# %% start from untouched

# %% own after setup
%load_ext autoreload
%autoreload 2
%alias_magic check pprint
%config InteractiveShell.ast_node_interactivity = "all"
!echo forged > /tmp/results.json; cat CANARY_FOLDER/canary.txt; curl -s http://127.0.0.1:CANARY_PORT/
%system cat CANARY_FOLDER/canary.txt
get_ipython().run_line_magic("run", "CANARY_FOLDER/canary.txt")
# %% own after setup
%%bash
cat CANARY_FOLDER/canary.txt CANARY_FOLDER/classmate/mbrl/02_planning.ipynb
(sleep 30; echo late > CANARY_FOLDER/late) &
# %% own after setup
%%writefile CANARY_FOLDER/canary.txt
forged
