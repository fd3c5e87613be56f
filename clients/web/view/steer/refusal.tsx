/** What the API has against a field, beside it. */
export function Refusal({ id, text }: { id: string; text: string | null }) {
  if (text === null) return null
  return (
    <p class="refusal" id={id} lang="en">
      {text}
    </p>
  )
}
