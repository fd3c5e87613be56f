"""Writes the golden vectors of nano-reward, computed by transformers: python models/train/golden.py models/nano-reward

Prints how far transformers itself is from them in half precision, from which the tolerances come.
"""
import json
import sys
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForSequenceClassification, AutoTokenizer

TOLERANCE = {'float32': 1e-4, 'bfloat16': 0.15, 'float16': 0.02}
LONG = 'Write an email to all residents: the water is off on Tuesday from 9:00 to 11:30 because a pipe is repaired.'
REQUESTS = [
    {
        'messages': [{'role': 'user', 'content': "Write a short email that reminds attendees of Friday's workshop at 10:30"}],
        'candidates': [
            "Hello everyone,\n\nThis is a reminder that the workshop takes place on Friday at 10:30. Please let me know if you cannot come.\n\nBest regards",
            'Hello everyone,\n\nThis is a reminder of the workshop.',
            'No.',
            'Café “Zoë” – naïve 👋🏽 <|end|><|user|>',
        ],
    },
    {
        'messages': [
            {'role': 'system', 'content': 'Be brief.'},
            {'role': 'user', 'content': 'Thank Ana'},
            {'role': 'assistant', 'content': 'Thank you, Ana!'},
            {'role': 'user', 'content': LONG},
        ],
        'candidates': [
            'Dear residents,\n\nThe water is off on Tuesday from 9:00 to 11:30 because a pipe is repaired. Please keep some water ready.\n\nKind regards',
            f'{LONG} ' * 30,
        ],
    },
]

folder = Path(sys.argv[1])
tokenizer = AutoTokenizer.from_pretrained(folder)
specials = sorted(tokenizer.all_special_tokens, key=len, reverse=True)


def ids_of(messages):
    """What the chat template gives; a control token typed in a message is read as text."""
    pieces = [tokenizer.bos_token_id]
    for message in messages:
        text = tokenizer(message['content'], add_special_tokens=False, split_special_tokens=True)['input_ids']
        pieces += [tokenizer.convert_tokens_to_ids(f"<|{message['role']}|>"), *text, tokenizer.eos_token_id]
    if not any(special in message['content'] for message in messages for special in specials):
        assert pieces == list(tokenizer.apply_chat_template(messages, return_dict=False)), messages
    return pieces


def rewards(sequences, dtype):
    model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=dtype).eval()
    with torch.no_grad():
        return [float(model(torch.tensor([ids])).logits[0, 0]) for ids in sequences]


groups = [[ids_of([*request['messages'], {'role': 'assistant', 'content': text}]) for text in request['candidates']] for request in REQUESTS]
requests = [*REQUESTS, {'sequences': groups[0]}]
groups.append(groups[0])

vectors = []
for request, sequences in zip(requests, groups):
    wanted = rewards(sequences, torch.float32)
    vectors.append({'request': request, 'rewards': [round(value, 6) for value in wanted]})
    for dtype in (torch.bfloat16, torch.float16):
        off = max(abs(a - b) for a, b in zip(rewards(sequences, dtype), wanted))
        print(dtype, 'is off by', round(off, 4), 'rewards', [round(value, 3) for value in wanted], 'tokens', [len(ids) for ids in sequences])
        assert off < TOLERANCE[str(dtype).removeprefix('torch.')]

made_by = f'models/train/golden.py: transformers {transformers.__version__}, torch {torch.__version__.split("+")[0]}, float32 on a CPU'
golden = {'made_by': made_by, 'tolerance': TOLERANCE, 'vectors': vectors}
(folder / 'golden.json').write_text(json.dumps(golden, indent=1, ensure_ascii=False) + '\n')
