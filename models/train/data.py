"""Training rows from the generator, as tokens, made by worker processes while the model trains."""
import json
import os
import subprocess
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from model import END

NODE = os.environ.get('NODE', 'node')
GENERATE = Path(__file__).resolve().parent.parent / 'generate'


def rows(seed: str, questions: int, split: str, only: str = ''):
    command = [NODE, str(GENERATE / 'write.ts'), '--seed', seed, '--questions', str(questions), '--split', split, '--only', only]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding='utf-8') as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode != 0:
        raise RuntimeError('the generator failed')


def policy_shard(chat, pairs):
    """[(messages, answer)] → tokens, ends, where each answer starts, where the text after the request starts."""
    flat, ends, starts, quotes = [], [], [], []
    for messages, answer in pairs:
        prompt = chat.prompt(messages)
        start = len(prompt)
        quote = start
        if len(messages) > 1:
            tail = messages[-1]['content'].split('</request>', 1)[1]
            quote = start - len(chat.ids(tail)) - 2
        quotes.append(quote)
        starts.append(start)
        flat += prompt
        flat += [*chat.ids(answer), END]
        ends.append(len(flat))
    return np.array(flat, dtype=np.uint16), np.array(ends, dtype=np.int64), np.array(starts, dtype=np.int32), np.array(quotes, dtype=np.int32)


def shard(tokenizer_file: str, seed: str, questions: int, split: str = 'train', only: str = ''):
    """Token rows for both models.

    Policy: tokens, ends, where each answer starts, where the text after the request starts.
    Reward: tokens, ends, scores, traits, words; groups of six answers to one question.
    """
    os.environ['TOKENIZERS_PARALLELISM'] = 'false'
    from tokenizers import Tokenizer

    from tokens import Chat

    chat = Chat(Tokenizer.from_file(tokenizer_file))
    own = []
    rflat, rends, scores, traits, words = [], [], [], [], []
    for row in rows(seed, questions, split, only):
        if row['t'] == 'reward':
            question = chat.ids(row['q'])
            for c in row['c']:
                rflat += chat.pair(question, c['a'])
                rends.append(len(rflat))
                scores.append(c['s'])
                traits.append(c['x'])
                words.append(len(c['a'].split()))
            continue
        own.append((row['m'], row['a']))
    policy = policy_shard(chat, own)
    reward = np.array(rflat, dtype=np.uint16), np.array(rends, dtype=np.int64), np.array(scores, dtype=np.float32), np.array(traits, dtype=np.float32), np.array(words, dtype=np.int32)
    return policy, reward


def polite():
    """Workers leave the first claim on the processor to the training loop."""
    os.nice(10)


class Shards:
    """Shards in a fixed order, some of them made ahead. What one model does not need yet is kept for the other."""

    def __init__(self, tokenizer_file: str, questions: int, workers: int):
        self.file, self.questions = tokenizer_file, questions
        self.pool = ProcessPoolExecutor(workers, initializer=polite)
        self.next = 0
        self.only = ''
        self.ahead = deque()
        self.kept = deque()
        for _ in range(workers * 2):
            self.submit()

    def submit(self):
        self.ahead.append(self.pool.submit(shard, self.file, f'shard{self.next}', self.questions, 'train', self.only))
        self.next += 1

    def take(self):
        made = self.ahead.popleft().result()
        self.submit()
        return made

    def reward(self):
        policy, reward = self.take()
        self.kept.append(policy)
        return reward

    def policy(self):
        self.only = 'policy'
        return self.kept.popleft() if self.kept else self.take()[0]

    def close(self):
        self.pool.shutdown(wait=False, cancel_futures=True)
