/** The sign of the project: answers below, the best of each round rising. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <g class="mark-rest">
        <circle cx="6" cy="28" r="2.4" />
        <circle cx="16" cy="23" r="2.4" />
        <circle cx="26" cy="15" r="2.4" />
      </g>
      <path d="M6 20 16 13.5 26 5" />
      <circle cx="6" cy="20" r="3" />
      <circle cx="16" cy="13.5" r="3" />
      <circle cx="26" cy="5" r="3" />
    </svg>
  )
}
