#!/bin/sh
# New secrets of an installation, as lines NAME=value: for compose's .env, or for a Secret of Kubernetes (docs/deploy.md).
set -eu
# What callers of the API show, what the API shows to policy and reward model, what seals cursors, Redis' password.
for name in TPO_API_KEYS TPO_POLICY_API_KEY TPO_REWARD_API_KEY TPO_CURSOR_KEYS REDIS_PASSWORD; do
  value=$(openssl rand -base64 32)
  # As base64url: no sign that an address or a list would take for its own.
  echo "$name=$(echo "$value" | tr '+/' '-_' | tr -d '=')"
done
