import type { ReadonlySignal } from '@preact/signals'
import type { MarkedToken, Token, Tokens } from 'marked'
import type { ComponentChild, ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { type Block, type Blocks, blocksOf, noBlocks } from '../../markdown/blocks.ts'
import { decodeEntities } from '../../markdown/entities.ts'
import { safeLink } from '../../markdown/safe-link.ts'

export interface MarkdownProps {
  text: string | ReadonlySignal<string>
}

/**
 * An answer as its Markdown means it, made of elements, never of HTML: tags are shown as they were
 * written, links lead to the web or to mail, images are links. Line breaks stay.
 */
export function Markdown({ text }: MarkdownProps) {
  const read = useRef<Blocks>(noBlocks)
  const drawn = useRef(new WeakMap<Block, ComponentChild>())
  read.current = blocksOf(typeof text === 'string' ? text : text.value, read.current)
  return (
    <div class="markdown">
      {read.current.blocks.map((block) => {
        const known = drawn.current.get(block)
        if (known !== undefined) return known
        const fresh = draw(block)
        // The same element again, and Preact does not look inside.
        drawn.current.set(block, fresh)
        return fresh
      })}
    </div>
  )
}

const draw = ({ raw, token }: Block): ComponentChild =>
  token === null ? <p>{raw}</p> : drawToken(token)

/** Without extensions there are no tokens but marked's own. */
const drawAll = (tokens: readonly Token[] | undefined): ComponentChildren =>
  (tokens as readonly MarkedToken[] | undefined)?.map(drawToken)

function drawToken(token: MarkedToken): ComponentChild {
  switch (token.type) {
    case 'paragraph':
      return <p>{drawAll(token.tokens)}</p>
    case 'text':
      return token.tokens === undefined ? decodeEntities(token.text) : drawAll(token.tokens)
    case 'escape':
      return token.text
    case 'strong':
      return <strong>{drawAll(token.tokens)}</strong>
    case 'em':
      return <em>{drawAll(token.tokens)}</em>
    case 'del':
      return <s>{drawAll(token.tokens)}</s>
    case 'codespan':
      return <code>{token.text}</code>
    case 'br':
      return <br />
    case 'link':
      return drawLink(token)
    case 'image':
      return drawImage(token)
    case 'heading':
      return drawHeading(token)
    case 'code':
      return (
        <pre>
          <code>{token.text}</code>
        </pre>
      )
    case 'blockquote':
      return <blockquote>{drawAll(token.tokens)}</blockquote>
    case 'list':
      return drawList(token)
    case 'list_item':
      return <li>{drawAll(token.tokens)}</li>
    case 'checkbox':
      return token.checked ? '☑ ' : '☐ '
    case 'table':
      return drawTable(token)
    case 'hr':
      return <hr />
    case 'html':
      return token.block === true ? <p>{token.raw.trimEnd()}</p> : token.raw
    case 'def':
      return <p>{token.raw.trimEnd()}</p>
    case 'space':
      return null
  }
}

function drawLink({ href, autolink, raw, tokens }: Tokens.Link): ComponentChild {
  const target = safeLink(autolink === true ? href : decodeEntities(href))
  return target === null ? raw : <Link target={target}>{drawAll(tokens)}</Link>
}

function drawImage({ href, text, raw }: Tokens.Image): ComponentChild {
  const target = safeLink(decodeEntities(href))
  return target === null ? raw : <Link target={target}>{decodeEntities(text) || target}</Link>
}

function Link({ target, children }: { target: string; children: ComponentChildren }) {
  return (
    <a href={target} title={target} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  )
}

/** Below the headings of the page, which are `h2`. */
const headings = ['h3', 'h4', 'h5', 'h6'] as const

function drawHeading({ depth, tokens }: Tokens.Heading): ComponentChild {
  const Heading = headings[depth - 1] ?? 'h6'
  return <Heading>{drawAll(tokens)}</Heading>
}

function drawList({ ordered, start, items }: Tokens.List): ComponentChild {
  const drawn = items.map(drawToken)
  return ordered ? <ol start={start === '' ? 1 : start}>{drawn}</ol> : <ul>{drawn}</ul>
}

function drawTable({ header, rows }: Tokens.Table): ComponentChild {
  return (
    <div class="markdown-table">
      <table>
        <thead>
          <tr>
            {header.map(({ align, tokens }) => (
              <th scope="col" class={align ?? ''}>
                {drawAll(tokens)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map(({ align, tokens }) => (
                <td class={align ?? ''}>{drawAll(tokens)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
