"""The tokenizer that both models share, and the chat layout in tokens."""
import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from model import ASSISTANT, BOS, END, SYSTEM, USER

SPECIAL = ['<|pad|>', '<|bos|>', '<|end|>', '<|system|>', '<|user|>', '<|assistant|>']
ROLE = {'system': SYSTEM, 'user': USER, 'assistant': ASSISTANT}
TEMPLATE = "{{ bos_token }}{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"


def train(texts, vocab: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=vocab, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def save(tokenizer: Tokenizer, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / 'tokenizer.json'))
    (folder / 'tokenizer_config.json').write_text(json.dumps({
        'tokenizer_class': 'PreTrainedTokenizerFast', 'bos_token': '<|bos|>', 'eos_token': '<|end|>', 'pad_token': '<|pad|>', 'padding_side': 'right', 'model_max_length': 2048, 'clean_up_tokenization_spaces': False,
        'additional_special_tokens': SPECIAL[3:], 'chat_template': TEMPLATE,
    }, indent=2) + '\n')
    (folder / 'special_tokens_map.json').write_text(json.dumps({'bos_token': '<|bos|>', 'eos_token': '<|end|>', 'pad_token': '<|pad|>', 'additional_special_tokens': SPECIAL[3:]}, indent=2) + '\n')


class Chat:
    """Messages to token ids; texts that come again and again are remembered."""

    def __init__(self, tokenizer: Tokenizer):
        self.tokenizer = tokenizer
        self.known: dict[str, list[int]] = {}

    def ids(self, text: str, remember: bool = False) -> list[int]:
        if remember:
            if text not in self.known:
                self.known[text] = self.tokenizer.encode(text, add_special_tokens=False).ids
            return self.known[text]
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def prompt(self, messages) -> list[int]:
        out = [BOS]
        for message in messages:
            out += [ROLE[message['role']], *self.ids(message['content'], message['role'] == 'system'), END]
        return [*out, ASSISTANT]

    def pair(self, question: str | list[int], answer: str) -> list[int]:
        return [BOS, USER, *(self.ids(question) if isinstance(question, str) else question), END, ASSISTANT, *self.ids(answer), END]

    def text(self, ids) -> str:
        return self.tokenizer.decode([i for i in ids if i > 5], skip_special_tokens=False)
