import { placeName } from '../../../common/format.ts'
import { words } from '../../words/index.ts'

/** Id of the card of an answer. */
export const laneId = (iteration: number, index: number) => `answer-${iteration}-${index}`

/** The short name of an answer, which leads to its card. */
export function PlaceLink({ iteration, index }: { iteration: number; index: number }) {
  const place = placeName(iteration, index)
  const go = () => {
    const card = document.getElementById(laneId(iteration, index))
    card?.scrollIntoView({ block: 'center' })
    card?.focus({ preventScroll: true })
  }
  return (
    <button
      type="button"
      class="place place-link"
      aria-label={words.value.run.answer(place)}
      onClick={go}
    >
      {place}
    </button>
  )
}
