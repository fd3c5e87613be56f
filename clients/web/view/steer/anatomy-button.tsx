import { anatomy } from '../../state/sheets.ts'
import { words } from '../../words/index.ts'

/** Opens how an iteration of the branch in view came to its answer. */
export function AnatomyButton({ iteration }: { iteration: number }) {
  return (
    <button
      type="button"
      class="button quiet"
      onClick={() => {
        anatomy.value = iteration
      }}
    >
      {words.value.steer.anatomy}
    </button>
  )
}
