import type { Rng } from './random.ts'
import { isHeld, part, type Split } from './split.ts'

/**
 * Phrases built from parts, so that there are far more tasks, things, events and reasons than a
 * model could remember: it has to copy them out of the question.
 */
const words = (text: string) => text.trim().split(/\s*[,\n]\s*/)

const things = words(`
projector, ladder, kettle, bicycle, guitar, printer, camera, tent, trolley, piano, bookcase, lamp, suitcase, umbrella, keyboard, microphone, whiteboard, calendar, envelope, parcel, invoice, contract, catalogue, brochure, poster, banner, flyer, map, passport, certificate,
ticket, receipt, voucher, badge, uniform, helmet, jacket, scarf, blanket, pillow, curtain, carpet, mirror, clock, vase, candle, basket, bottle, teapot, saucepan, oven, fridge, freezer, toaster, blender, mixer, grill, cake, pie, soup, salad, sandwich, cheese, bread, jam,
honey, coffee machine, water tank, boiler, radiator, window, door, gate, fence, roof, chimney, staircase, balcony, garden shed, greenhouse, hedge, lawn, flower bed, apple tree, bench, table, chair, sofa, wardrobe, drawer, shelf, toolbox, hammer, drill, saw, wheelbarrow, lawnmower, hose, bucket, broom,
vacuum cleaner, washing machine, iron, sewing machine, carpet cleaner, dishwasher, telephone, tablet, router, scanner, loudspeaker, headset, monitor, cable, battery, charger, memory stick, hard drive, notebook, folder, binder, form, questionnaire, survey, report, summary, spreadsheet, timetable, agenda, protocol, budget, estimate, quotation,
order, delivery, sample, prototype, model, drawing, painting, sculpture, photograph, album, recording, video, playlist, recipe, menu, cookbook, novel, dictionary, magazine, newspaper, letter, postcard, stamp, key, lock, alarm, sensor, thermometer, scale, compass, telescope, microscope, kite, ball, racket, net, goal, scoreboard, trophy, medal,
costume, mask, drum, violin, trumpet, stage, spotlight, tripod, canoe, raft, life jacket, anchor, trailer, van, minibus, tyre, engine, roof rack, child seat, pushchair, cradle, playpen, doll's house, puzzle, board game, chess set, aquarium, birdhouse, kennel, saddle, beehive, compost heap, rain barrel, solar panel, meter, fuse box, mailbox, doorbell,
noticeboard, display case, cash register, counter, locker, bookshelf, filing cabinet, stapler, shredder, laminator, pointer, flip chart, lectern, name tag, guest book, seating plan, price tag, gift card, ribbon, wreath, garland, lantern, firewood, sandbox, swing, slide, seesaw, climbing frame, hammock, parasol, picnic table, barbecue, cool box, thermos, lunch box`)
const qualities = words(`
old, new, red, blue, green, yellow, small, large, heavy, wooden, spare, second, missing, borrowed, damaged, other, final, original, empty, clean, dusty, folding, portable, electric, antique, modern, local, striped, round, square, tall, narrow, wide, rusty, painted, plastic, metal, leather, silver, golden, white, black, brown, grey, purple, orange, little, big, first, third, last, best, temporary, private, shared, digital, handmade, extra, short, long, broken, cheap, valuable, lost, favourite, unused, used, beautiful, simple, special, grand, historic`)
const joint = words(
  `garden, school, office, kitchen, cellar, attic, museum, library, village, harbour, railway, market, theatre, hospital, hotel, airport, church, castle, river, forest, mountain, island, community, family, youth, charity, sports, music, science, history, language, computer, insurance, housing, travel, energy, safety, quality, marketing, finance, design, research, travel, customer, supplier, member, visitor, student, parent, tenant`,
)
const actions: readonly (readonly [string, string])[] = words(`
send/sending, return/returning, check/checking, order/ordering, collect/collecting, clean/cleaning, repair/repairing, pack/packing, pick up/picking up, bring back/bringing back, label/labelling, paint/painting, store/storing, move/moving, measure/measuring, replace/replacing, count/counting, wrap/wrapping, test/testing, find/finding, buy/buying, sell/selling, deliver/delivering, carry/carrying, lend us/lending us, borrow/borrowing, prepare/preparing, hand over/handing over,
put away/putting away, set up/setting up, take down/taking down, look after/looking after, show me/showing me, give back/giving back, throw away/throwing away, share/sharing, insure/insuring, register/registering, photograph/photographing, describe/describing, choose/choosing, inspect/inspecting, reserve/reserving, empty/emptying, fill/filling, dry/drying, wash/washing, polish/polishing, mend/mending, adjust/adjusting, install/installing, update/updating, copy/copying, scan/scanning, sort/sorting, forward/forwarding, approve/approving, cancel/cancelling, confirm/confirming, exchange/exchanging, donate/donating, hide/hiding, lock/locking, open/opening, close/closing, finish/finishing, review/reviewing, translate/translating, sketch/sketching, unload/unloading, weigh/weighing, guard/guarding, hang up/hanging up, cover/covering, fetch/fetching, rent/renting`).map(
  (pair) => pair.split('/') as [string, string],
)
const spots = words(
  `in the hall, by the gate, in the cellar, on the second floor, near the entrance, behind the house, in the meeting room, at the station, next to the lift, in the corner, on the roof, in the garage, on the terrace, in the storeroom, by the window, under the stairs, in the courtyard, at the reception, on the landing, in the workshop, for the exhibition, for the school fair, for the summer party, for the visitors, for the new office, for the trip, for the children, for Mrs Ashby, from the archive, from the last meeting, of the old club, of the second team, with the blue label, with the long handle, from the catalogue, from the first page, without the cover`,
)
const states = words(
  `is broken, is missing, has arrived, has been sold, is too heavy, is too small, is being repaired, was damaged in the storm, has to be replaced, is out of stock, was left outside, is needed elsewhere, has been found, is not ready yet, is already full, was delivered late, belongs to the museum, needs a new cable, is out of order, has been moved, was stolen, does not fit, is no longer made, must not get wet, has been cleaned, is leaking again, has run out, is on its way, was lost in the post, is wearing out, has been painted, is very popular, is shared by three groups, will be collected soon, has a scratch, makes a strange noise, cannot be opened, is still wet, costs too much, was sent to the wrong place`,
)
const people = words(
  `we, my sister, the caretaker, our supplier, the new owner, a colleague, the committee, my brother, the whole group, the landlord, the team, our guest, the coach, the librarian, the manager, my neighbour, the trainer, the bank, the insurance company, the school, my doctor, the driver, the architect, the chairwoman`,
)
const deeds = words(
  `needed, forgot, lost, sold, repaired, borrowed, ordered, found, returned, replaced, checked, moved, broke, cancelled, missed, mixed up, paid for, dropped, took, kept, cleaned, promised, chose, delivered, packed, finished`,
)
const heads = words(
  `workshop, meeting, training, course, lesson, evening, morning, tasting, festival, fair, market, tour, walk, rehearsal, practice, tournament, contest, show, exhibition, talk, lecture, seminar, briefing, review, session, party, dinner, lunch, breakfast, picnic, reunion, gathering, ceremony, concert, club, auction, parade, excursion, demonstration, inspection, interview, trial, check, hike, night, day, weekend, class, forum, reception, launch, quiz`,
)
const news = words(
  `will be closed, will be open longer, will be moved, will be replaced, will be cleaned, will be repaired, will be inspected, will be painted, opens again, moves to the ground floor, will not be available, will be tested, will be sold, will be delivered, will be switched off, will be removed, will be for members only, gets a new cover, will be shared with the second team, will be free of charge`,
)
const goals = words(
  `choose, repair, buy, sell, see, paint, discuss, plan, test, build, present, improve, save, decorate, open, celebrate, compare, collect, learn about, replace, pay for, clean, finish, try out, raise money for, vote on, talk about, find a place for, look at, get rid of`,
)

/** A word nobody knows: it can only be copied. */
export function strange(rng: Rng, split: Split, capital = false): string {
  const on = words(
    'b, bl, br, c, ch, cl, cr, d, dr, f, fl, fr, g, gl, gr, h, j, k, kl, kn, l, m, n, p, ph, pl, pr, qu, r, rh, s, sc, sh, sk, sl, sm, sn, sp, st, str, sw, t, th, tr, tw, v, w, wh, y, z, x, a, e, i, o, u, mc, van',
  )
  const mid = words(
    'a, e, i, o, u, ai, au, ea, ee, ei, ie, oa, oo, ou, y, ay, ow, ar, er, ir, or, ur, al, el, il, an, en, in, on, un, am, em',
  )
  const con = words(
    'b, bb, c, ck, d, dd, f, ff, g, gg, k, l, ll, m, mm, n, nn, nd, ng, nt, p, pp, r, rr, rd, rk, rl, rm, rn, rt, s, ss, sh, st, t, tt, th, v, w, x, z, zz, lf, lm, lt, mp, nk, pt, ct, tch, dl, tl',
  )
  const end = words(
    'a, e, o, y, er, or, el, le, en, in, on, an, um, us, is, as, et, it, ot, ic, ing, age, ard, ell, ert, ett, ford, ham, ia, ian, ie, ina, ine, ita, ley, low, man, mond, nis, ny, ock, ola, one, ora, ow, rick, sen, ski, son, sky, ton, ulla, ur, vin, wood, worth, yn',
  )
  for (;;) {
    let out = rng.pick(on) + rng.pick(mid)
    if (rng.chance(0.4)) out += rng.pick(con) + rng.pick(mid)
    out += rng.pick(con) + rng.pick(end)
    if (isHeld(out) !== (split === 'held') || out.length > 11) continue
    return capital ? out.charAt(0).toUpperCase() + out.slice(1) : out
  }
}

/** A word that only one side of the split uses, most of the time. */
function word(pool: readonly string[], rng: Rng, split: Split): string {
  return rng.pick(split === 'held' && rng.chance(0.3) ? pool : part(pool, split))
}

export const thing = (rng: Rng, split: Split): string => {
  const noun = rng.chance(split === 'held' ? 0.03 : 0.14)
    ? strange(rng, split)
    : word(things, rng, split)
  return rng.weighted([
    [noun, 3],
    [`${word(qualities, rng, split)} ${noun}`, 5],
    [`${word(joint, rng, split)} ${noun}`, 2],
  ])
}
const some = (rng: Rng, split: Split): string =>
  `${rng.weighted([
    ['the', 5],
    ['our', 1],
    ['my', 1],
    ['your', 0.8],
  ])} ${thing(rng, split)}${rng.chance(0.25) ? ` ${rng.pick(spots)}` : ''}`
const a = (noun: string) =>
  `${/^[aeiou]/i.test(noun) && !/^(uni|use|one)/i.test(noun) ? 'an' : 'a'} ${noun}`

/** "return the blue suitcase": what somebody should do. */
export const task = (rng: Rng, split: Split): string =>
  `${rng.pick(actions)[0]} ${some(rng, split)}`
/** "returning the blue suitcase": what somebody is thanked for. */
export const favour = (rng: Rng, split: Split): string =>
  rng.chance(0.65) ? `${rng.pick(actions)[1]} ${some(rng, split)}` : `the ${thing(rng, split)}`
/** What somebody apologises for. */
export const fault = (rng: Rng, split: Split): string =>
  rng.weighted([
    [
      () =>
        `${rng.pick(['losing', 'breaking', 'forgetting', 'damaging', 'not returning', 'mixing up', 'using', 'selling', 'dropping', 'not ordering', 'blocking', 'scratching', 'missing', 'moving'])} ${some(rng, split)}`,
      5,
    ],
    [
      () =>
        `the ${rng.pick(['problem', 'trouble', 'delay', 'mistake', 'mix-up', 'confusion', 'accident'])} with ${some(rng, split)}`,
      3,
    ],
  ] as const)()
/** A whole clause: a reason, an effect, a remark. */
export const clause = (rng: Rng, split: Split): string =>
  rng.chance(0.6)
    ? `the ${thing(rng, split)} ${rng.pick(states)}`
    : `${rng.pick(people)} ${rng.pick(deeds)} the ${thing(rng, split)}`
/** "repair the old bench": after "we want to". */
export const goal = (rng: Rng, split: Split): string =>
  `${rng.pick(goals)} the ${thing(rng, split)}`
/** "the garden gate will be painted". */
export const notice = (rng: Rng, split: Split): string =>
  `the ${thing(rng, split)} ${rng.pick(news)}`
/** Something to bring. */
export const item = (rng: Rng, split: Split): string =>
  rng.chance(0.6) ? a(thing(rng, split)) : `%y ${thing(rng, split)}`
/** The noun of an event: "pottery evening". */
export function event(rng: Rng, split: Split): string {
  const head = word(heads, rng, split)
  return rng.weighted([
    [
      () =>
        `${rng.chance(split === 'held' ? 0.05 : 0.2) ? strange(rng, split, rng.chance(0.6)) : word(joint, rng, split)} ${head}`,
      3,
    ],
    [() => `${word(things, rng, split)} ${head}`, 3],
    [() => `${word(qualities, rng, split)} ${word(joint, rng, split)} ${head}`, 2],
  ] as const)()
}

/** From the pool of natural phrases, or a composed one. */
export function either(
  pool: readonly string[],
  compose: (rng: Rng, split: Split) => string,
  rng: Rng,
  split: Split,
  natural = 0.45,
): string {
  if (rng.chance(natural)) return rng.pick(part(pool, split))
  for (let tries = 0; ; tries++) {
    const text = compose(rng, split)
    if (tries > 20 || isHeld(text, 0.5) === (split === 'held')) return text
  }
}
