import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { words } from '../../words/index.ts'

interface SheetProps {
  title: string
  /** Beside the title. */
  aside?: ComponentChildren
  close: () => void
  children: ComponentChildren
}

/** A dialog over the page for as long as it is rendered; the browser gives focus back at its end. */
export function Sheet({ title, aside, close, children }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => dialog.current?.showModal(), [])
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions -- Escape does the same
    <dialog
      class="sheet"
      ref={dialog}
      aria-labelledby={heading}
      onClose={close}
      onClick={({ target, currentTarget }) => {
        if (target === currentTarget) currentTarget.close()
      }}
    >
      <div class="sheet-body">
        <header>
          <h2 id={heading}>{title}</h2>
          {aside}
          <button
            type="button"
            class="button quiet sheet-close"
            onClick={() => dialog.current?.close()}
          >
            {words.value.steer.close}
          </button>
        </header>
        {children}
      </div>
    </dialog>
  )
}
