/**
 * Runs in the report, where it goes as text: the head of a column becomes a button that sorts the
 * rows by it. Uses nothing from outside itself.
 */
export function sortTables(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>('table.sortable')) {
    const [body] = table.tBodies
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])]
    if (body === undefined) continue
    for (const [at, head] of heads.entries()) {
      // Texts begin with the first one, numbers with the largest.
      const isText = at < 2
      const first = isText ? 'ascending' : 'descending'
      const second = isText ? 'descending' : 'ascending'
      const value = (row: HTMLTableRowElement) => row.cells[at]?.dataset['value'] ?? ''
      const button = document.createElement('button')
      button.append(...head.childNodes)
      head.append(button)
      button.addEventListener('click', () => {
        const order = head.getAttribute('aria-sort') === first ? second : first
        for (const other of heads) other.removeAttribute('aria-sort')
        head.setAttribute('aria-sort', order)
        const rows = [...body.rows].sort((one, other) => {
          const [a, b] = [value(one), value(other)]
          const difference = isText
            ? a.localeCompare(b, 'en', { numeric: true })
            : Number(a) - Number(b)
          return order === 'ascending' ? difference : -difference
        })
        body.append(...rows)
      })
    }
  }
}
