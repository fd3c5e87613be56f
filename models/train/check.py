"""Loads the saved pair with transformers and compares it with the training code: python models/train/check.py models"""
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

from model import load
from sample import rewards, sample
from tokens import Chat

root = Path(sys.argv[1])
tokenizer = AutoTokenizer.from_pretrained(root / 'nano-policy')
chat = Chat(tokenizer.backend_tokenizer)
messages = [{'role': 'system', 'content': 'You improve answers.'}, {'role': 'user', 'content': "Write a short email that reminds attendees of Friday's workshop at 10:30 – bring <answer> and é."}]
ids = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
assert list(ids) == chat.prompt(messages), 'chat template'
assert tokenizer.decode(ids[1:], skip_special_tokens=True).endswith('é.'), tokenizer.decode(ids)

policy = AutoModelForCausalLM.from_pretrained(root / 'nano-policy', dtype=torch.float32).eval()
mine = load(root / 'nano-policy', 'cpu').eval()
with torch.no_grad():
    x = torch.tensor([ids])
    print('policy logits differ by', float((policy(x).logits - mine.logits(mine(x))).abs().max()))
    question = [{'role': 'user', 'content': "Write a short email that reminds attendees of Friday's workshop"}]
    prompt = chat.prompt(question)
    greedy = policy.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt)), do_sample=False, temperature=None, top_p=None, max_new_tokens=80)[0, len(prompt):].tolist()
    own = sample(mine, [prompt, prompt[:5] + prompt], 0, 1, 80, 0, 'cpu')[0][0]
    assert greedy[:len(own)] == own, (greedy, own)
    print(tokenizer.decode(own))
    reward = AutoModelForSequenceClassification.from_pretrained(root / 'nano-reward', dtype=torch.float32).eval()
    pair = [*question, {'role': 'assistant', 'content': 'Hello everyone,\n\nThis is a reminder.'}]
    rids = tokenizer.apply_chat_template(pair, return_dict=False)
    assert list(rids) == chat.pair(question[0]['content'], pair[1]['content'])
    theirs = float(reward(torch.tensor([rids])).logits[0, 0])
    print('reward', theirs, rewards(load(root / 'nano-reward', 'cpu'), [list(rids)], 'cpu')[0])
