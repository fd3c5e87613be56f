import { missing } from '../../state/address.ts'
import { addressOf } from '../../state/route.ts'
import { trouble } from '../../state/shelf.ts'
import { words } from '../../words/index.ts'

/** Says when what is done here is not kept, or what was asked for is not here. */
export function KeptNote() {
  const { library } = words.value
  return (
    <>
      {missing.value !== null && (
        <p class="kept-note" role="alert">
          {library.missing} <a href={addressOf({ tab: 'history', run: null })}>{library.history}</a>
        </p>
      )}
      {trouble.value !== null && (
        <p class="kept-note" role="status">
          {library.notKept[trouble.value]}
        </p>
      )}
    </>
  )
}
