/** What all parts of the report look like. */
import { html, type Markup, type Part } from '../html.ts'

export interface Section {
  readonly title: string
  /** What is to be seen, in a sentence. */
  readonly says: string | null
  readonly warns?: boolean
  readonly content: Part
}

export const section = ({ title, says, warns = false, content }: Section): Markup =>
  html`<section>
    <h2>${title}</h2>
    ${says === null ? null : html`<p class="says ${warns ? 'warns' : ''}">${says}</p>`} ${content}
  </section>`

export const figures = (...content: readonly Part[]): Markup =>
  html`<div class="figures">${content}</div>`

export const figure = (title: string, content: Markup): Markup =>
  html`<figure>
    <figcaption>${title}</figcaption>
    ${content}
  </figure>`

export interface Cell {
  readonly text: Part
  /** How sure it is, or what else belongs to it. */
  readonly beside?: string
  /** What it is sorted by. */
  readonly value?: number | string
}

export interface Table {
  readonly name: string
  readonly heads: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  /** The column that it is sorted by when it is opened; sorted by others where there is script. */
  readonly sorted?: number
}

/** Wider than a phone, it moves on its own. */
export const table = ({ name, heads, rows, sorted }: Table): Markup =>
  html`<div class="sideways" role="region" aria-label="${name}" tabindex="0">
    <table class="${sorted === undefined ? '' : 'sortable'}">
      <thead>
        <tr>
          ${heads.map((head, at) =>
            at === sorted
              ? html`<th scope="col" aria-sort="ascending">${head}</th>`
              : html`<th scope="col">${head}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${cells.map(cell)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`

function cell({ text, beside, value }: Cell, at: number): Markup {
  const small = beside === undefined || beside === '' ? null : html` <small>${beside}</small>`
  const sorted = value === undefined ? null : html` data-value="${value}"`
  return at === 0
    ? html`<th scope="row" ${sorted}>${text}${small}</th>`
    : html`<td${sorted}>${text}${small}</td>`
}
