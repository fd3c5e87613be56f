"""The openai package of Python against the API: prints what it saw as JSON. Usage: openai-client.py URL"""

import json
import sys

import openai

client = openai.OpenAI(base_url=sys.argv[1], api_key="any", max_retries=0)
messages = [{"role": "user", "content": "Why?"}]
tpo = {"samples": 2, "iterations": 1}

whole = client.chat.completions.create(
    model="fake-70b", messages=messages, n=2, extra_body={"tpo": tpo, "top_k": 20}
)
stream = client.chat.completions.create(
    model="fake-70b",
    messages=messages,
    stream=True,
    stream_options={"include_usage": True},
    extra_body={"tpo": tpo},
)
content, reasoning, usage = "", "", None
for chunk in stream:
    usage = chunk.usage or usage
    for choice in chunk.choices:
        content += choice.delta.content or ""
        reasoning += getattr(choice.delta, "reasoning_content", None) or ""

errors = []
for wrong in ({"model": "gpt-5"}, {"model": "fake-70b", "extra_body": {"tpo": {"samples": 0}}}):
    try:
        client.chat.completions.create(messages=messages, **wrong)
    except openai.APIStatusError as error:
        errors.append([type(error).__name__, error.code, error.param])

print(
    json.dumps(
        {
            "models": [model.id for model in client.models.list()],
            "contents": [choice.message.content for choice in whole.choices],
            "total_tokens": whole.usage.total_tokens,
            "streamed": content,
            "reasoning": reasoning,
            "streamed_tokens": usage.total_tokens,
            "errors": errors,
        }
    )
)
