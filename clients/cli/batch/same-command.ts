/** A command line once more, to be copied into a shell; keys are left for the person to fill in. */
export function sameCommand(args: readonly string[]): string {
  const fromNpm = process.env['npm_lifecycle_event'] === 'tpo'
  const shown = args.map((arg, at) => {
    if (/^--[\w-]*key=/.test(arg)) return `${arg.slice(0, arg.indexOf('='))}=…`
    return /^--[\w-]*key$/.test(args[at - 1] ?? '') ? '…' : quoted(arg)
  })
  return [fromNpm ? 'npm run tpo --' : 'tpo', ...shown].join(' ')
}

const quoted = (arg: string) =>
  /^[\w./:=@,+-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`
