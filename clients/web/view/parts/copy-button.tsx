import { useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { words } from '../../words/index.ts'

interface CopyButtonProps {
  text: string
  /** Where the text stands, to select it where the browser gives no clipboard. */
  shown: RefObject<HTMLElement | null>
}

export function CopyButton({ text, shown }: CopyButtonProps) {
  const label = useSignal<{ of: string; says: string } | null>(null)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      label.value = { of: text, says: words.value.shell.copied }
    } catch {
      if (shown.current !== null) getSelection()?.selectAllChildren(shown.current)
      label.value = { of: text, says: words.value.shell.copyByHand }
    }
  }
  return (
    <button type="button" class="button copy" onClick={() => void copy()}>
      {label.value?.of === text ? label.value.says : words.value.shell.copy}
    </button>
  )
}
