/** Hands a file to the person; `parts` are joined as they are. */
export function download(name: string, parts: readonly string[]): void {
  const url = URL.createObjectURL(new Blob([...parts], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // Some browsers take hold of it late.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
