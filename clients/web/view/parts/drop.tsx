import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'

interface DropProps {
  class: string
  onFile: (file: File) => void
  children: ComponentChildren
}

/** A part of the page that takes a file which is dropped on it. */
export function Drop({ class: name, onFile, children }: DropProps) {
  const over = useSignal(false)
  return (
    <div
      class={over.value ? `${name} is-over` : name}
      onDragOver={(event) => {
        event.preventDefault()
        over.value = true
      }}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        over.value = relatedTarget instanceof Node && currentTarget.contains(relatedTarget)
      }}
      onDrop={(event) => {
        event.preventDefault()
        over.value = false
        const file = event.dataTransfer?.files[0]
        if (file !== undefined) onFile(file)
      }}
    >
      {children}
    </div>
  )
}

interface FileButtonProps {
  label: string
  /** Endings and types of the files it takes. */
  accept: string
  onFile: (file: File) => void
}

/** Chooses a file; the same one can be chosen again. */
export function FileButton({ label, accept, onFile }: FileButtonProps) {
  return (
    <label class="button file-button">
      {label}
      <input
        type="file"
        class="unseen"
        accept={accept}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0]
          if (file !== undefined) onFile(file)
          currentTarget.value = ''
        }}
      />
    </label>
  )
}
