/** The flags of the reference's run.py (yafuly/TPO), in terms of our own. */

/** With one value each; what run.py ignores, we ignore too. */
const renamed: Record<string, string | null> = {
  '--server_model': '--model',
  '--reward_model': '--reward-model',
  '--tpo_mode': '--mode',
  '--max_tokens_response': '--max-tokens',
  '--max_tokens_all': '--critic-max-tokens',
  '--sample_size': '--samples',
  '--max_iterations': '--iterations',
  '--num_threads': '--concurrency',
  '--output_path': '--output-folder',
  '--batch_size': null,
}

/**
 * The arguments of `tpo batch` with every flag of run.py as ours: `--data_path` as the file,
 * `--ip` and `--port` as the policy's address, and run.py's defaults where it was run without a flag
 * whose default is another. Arguments without any of its own flags come back as they are.
 */
export function fromReference(args: readonly string[]): string[] {
  const split = args.flatMap((arg) => {
    const [, name, value] = /^(--\w+_\w+|--ip|--port)=(.*)$/s.exec(arg) ?? []
    return name === undefined || value === undefined ? [arg] : [name, value]
  })
  const own: string[] = []
  const files: string[] = []
  const at: { ip?: string; port?: string } = {}
  let known = false
  for (let place = 0; place < split.length; place++) {
    const flag = split[place] ?? ''
    const value = split[place + 1]
    const takes = flag in renamed || flag === '--data_path' || flag === '--ip' || flag === '--port'
    if (!takes || value === undefined) {
      own.push(flag)
      continue
    }
    place += 1
    known = true
    if (flag === '--data_path') files.push(value)
    else if (flag === '--ip') at.ip = value
    else if (flag === '--port') at.port = value
    else {
      const name = renamed[flag]
      if (name != null) own.push(name, value)
    }
  }
  if (!known) return own
  const has = (...names: string[]) => own.some((arg) => names.some((name) => isOne(arg, name)))
  const defaults = [
    ...(has('--iterations', '-d') ? [] : ['--iterations', '5']),
    ...(has('--concurrency', '-c') ? [] : ['--concurrency', '4']),
    ...(has('--output-folder', '--output', '-o') ? [] : ['--output-folder', 'results']),
    ...(has('--format') ? [] : ['--format', 'jsonl', 'reference']),
  ]
  const address =
    at.ip === undefined && at.port === undefined
      ? []
      : ['--policy-base-url', `http://${at.ip ?? '127.0.0.1'}:${at.port ?? '8000'}/v1`]
  return [...files, ...own, ...address, ...defaults]
}

/** Also as `--name=value` and `-n5`. */
const isOne = (arg: string, name: string) =>
  arg === name || arg.startsWith(name.startsWith('--') ? `${name}=` : name)
