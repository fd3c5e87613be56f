"""Scores what transformers.ts asks for, in fp32 on the CPU: one line of JSON in, one out."""

import json
import sys
import time

import torch
import transformers

path, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
model = transformers.AutoModelForSequenceClassification.from_pretrained(path, dtype=torch.float32)
model.eval()
print(json.dumps({"transformers": transformers.__version__, "torch": torch.__version__}), flush=True)

for line in sys.stdin:
    rows = json.loads(line)
    longest = max(len(row) for row in rows)
    pad = model.config.pad_token_id
    ids = torch.tensor([row + [pad] * (longest - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    began = time.perf_counter()
    with torch.inference_mode():
        logits = model(input_ids=ids, attention_mask=mask).logits[:, 0].tolist()
    print(json.dumps({"seconds": time.perf_counter() - began, "logits": logits}), flush=True)
