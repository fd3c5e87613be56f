import type { Rng } from '../random.ts'
import { either, event } from '../compose.ts'
import type { Split } from '../split.ts'
import type { Group, Register } from '../scenario.ts'
import type { Fact, PlaceSort } from '../values.ts'

const list = (text: string) => text.trim().split(/\s*[;\n]\s*/)

/** A world in which events, places, readers and things to bring belong together. */
export interface World {
  readonly sort: PlaceSort
  readonly register: readonly Register[]
  readonly kinds: readonly string[]
  readonly before: readonly string[]
  readonly bring: readonly string[]
  /** After "to": what the event is for. */
  readonly aims: readonly string[]
  /** Whole clauses that read alike in the question and in the message. */
  readonly notes: readonly string[]
  readonly groups: readonly Group[]
  readonly determiners: readonly string[]
  readonly titled: number
  readonly hours: readonly [number, number]
}

const group = (q: string, ...hi: string[]): Group => ({ q, hi })

export const worlds: Readonly<Record<'work' | 'community' | 'school' | 'social', World>> = {
  work: {
    sort: 'work',
    register: ['neutral', 'neutral', 'formal', 'friendly'],
    kinds:
      list(`workshop; team meeting; staff meeting; training session; planning session; budget review; onboarding session; project kick-off; design review; sales briefing
safety training; webinar; strategy day; product demo; all-hands meeting; first-aid course; fire drill; retrospective; quarterly review; client presentation
department meeting; status call; writing workshop; job interview day; hiring panel; handover meeting; supplier call; town hall meeting; Excel course; negotiation training; user research session; security briefing; year-end review; team lunch; press briefing; coaching session; vendor presentation; roadmap meeting; stock-taking; lunch-and-learn`),
    before: [
      '',
      '',
      '',
      '',
      'monthly',
      'weekly',
      'annual',
      'spring',
      'autumn',
      'online',
      'next',
      'first',
      'regional',
      'extra',
      'internal',
      'second',
      'half-day',
      'joint',
      'summer',
      'introductory',
    ],
    bring: list(
      `%y laptop; %y badge; a notebook; the latest sales figures; %y questions; a printed copy of the agenda; %y project notes; %y staff card; a charger; headphones; %y time sheets; %y feedback forms; a short status update; %y signed forms; a pen; %y draft slides; %y test results; %y phone; two ideas for next year; %y login details`,
    ),
    aims: list(
      `agree on the budget; go over the new schedule; plan the product launch; discuss the customer feedback; review the first quarter; welcome the new colleagues; learn the new booking system; prepare the audit; share what we learned; set the goals for next year; practise handling complaints; choose a new supplier; talk about the office move; go through the survey results; decide on the holiday rota; present the new website; close the open tickets; update the safety rules; divide up the tasks; compare the three offers`,
    ),
    notes: list(
      `lunch is provided; the session will be recorded; coffee will be served from the start; the doors open 15 minutes early; places are limited to 20 people; the dial-in link is in the calendar entry; the slides will be shared afterwards; attendance is required; there will be a short break; parking is available behind the building; the session will be held in English; the meeting will take one hour; no previous knowledge is needed; the lift is out of order; visitors must sign in at reception; phones should stay on silent; the agenda is attached; the first hour is for new staff; snacks and drinks are provided; remote colleagues can join online`,
    ),
    groups: [
      group('attendees', 'Dear attendees', 'Hello everyone', 'Hi all', 'Dear all'),
      group('the attendees', 'Dear attendees', 'Hello everyone', 'Hi all'),
      group('all participants', 'Dear participants', 'Hello everyone', 'Dear all'),
      group('the participants', 'Dear participants', 'Hello everyone', 'Hi all'),
      group('my team', 'Hi team', 'Hello team', 'Hi everyone', 'Hi all'),
      group('the team', 'Hi team', 'Hello team', 'Dear team', 'Hi everyone'),
      group('all staff', 'Dear colleagues', 'Dear all', 'Hello everyone'),
      group('my colleagues', 'Dear colleagues', 'Hi all', 'Hello everyone'),
      group('the marketing team', 'Dear marketing team', 'Hello team', 'Hi everyone'),
      group('the sales department', 'Dear colleagues', 'Hello sales team', 'Hi all'),
      group('all new employees', 'Dear new colleagues', 'Hello everyone', 'Dear all'),
      group('the project group', 'Dear project group', 'Hello everyone', 'Hi all'),
      group('the interns', 'Dear interns', 'Hello everyone', 'Hi all'),
      group('our clients', 'Dear clients', 'Dear all', 'Hello everyone'),
      group('the managers', 'Dear managers', 'Dear colleagues', 'Dear all'),
      group('everyone in the office', 'Hello everyone', 'Hi all', 'Dear colleagues'),
      group('the volunteers', 'Dear volunteers', 'Hello everyone'),
      group('registered guests', 'Dear guests', 'Dear all'),
    ],
    determiners: ['the', 'the', 'our'],
    titled: 0.3,
    hours: [8, 17],
  },
  community: {
    sort: 'community',
    register: ['neutral', 'friendly', 'friendly'],
    kinds:
      list(`neighbourhood clean-up; residents' meeting; book club; choir rehearsal; football practice; food drive; garden day; blood drive; charity run; street party
members' meeting; chess evening; yoga class; swimming course; flea market; volunteer briefing; repair café; film night; quiz night; bake sale
tennis tournament; language exchange; board meeting; photo walk; tree planting; knitting circle; dance class; first-aid evening; bird walk; open house; theatre rehearsal; running group; poetry evening; clothes swap; toy swap; orchestra rehearsal; sewing class; cycling tour; allotment meeting; hiking trip`),
    before: [
      '',
      '',
      '',
      '',
      'monthly',
      'annual',
      'spring',
      'autumn',
      'summer',
      'next',
      'first',
      'winter',
      'local',
      'outdoor',
      'evening',
      "beginners'",
      'community',
      'special',
      'weekly',
      'big',
    ],
    bring: list(
      `work gloves; a water bottle; comfortable shoes; %y membership card; a yoga mat; a torch; sheet music; a folding chair; a packed lunch; %y own mug; rain clothes; a clean towel; old clothes; a pencil; sun cream; a cake or a snack; %y library card; a blanket; shin pads; a tin of food; %y helmet; spare batteries; a shopping bag; a small donation; a camera`,
    ),
    aims: list(
      `raise money for the children's ward; choose the next book; elect a new board; prepare the summer concert; talk about the parking problem; clean up the river bank; collect food for the shelter; welcome new members; plan the street party; plant thirty trees; practise for the final; vote on the garden rules; get to know the neighbours; decide on the new playground; thank our volunteers; save the old cinema; learn the new songs; repair the benches; share recipes; set the dates for the season`,
    ),
    notes: list(
      `children are welcome; entry is free; tea and cake will be served; tools are provided; there is space for 25 people; dogs must stay on a lead; the event takes place in any weather; new members are welcome; the main gate closes at dusk; tickets cost 5 euros; bicycles can be left in the courtyard; the hall is heated; beginners are welcome; we meet outside if it is dry; bus 12 stops right outside; proceeds go to the animal shelter; there will be a raffle; parking is limited; the kitchen will be open; the entrance is at the back`,
    ),
    groups: [
      group('all members', 'Dear members', 'Hello everyone', 'Hi all'),
      group('the members', 'Dear members', 'Hello everyone', 'Hi all'),
      group('the neighbours', 'Dear neighbours', 'Hello neighbours', 'Hello everyone'),
      group('my neighbours', 'Dear neighbours', 'Hello neighbours', 'Hi all'),
      group('all residents', 'Dear residents', 'Hello everyone', 'Dear neighbours'),
      group('the volunteers', 'Dear volunteers', 'Hello everyone', 'Hi all'),
      group('our choir', 'Dear singers', 'Hello everyone', 'Hi all'),
      group('the players', 'Hello team', 'Hi all', 'Hello everyone'),
      group('the book club', 'Dear readers', 'Hello everyone', 'Hi all'),
      group('the group', 'Hello everyone', 'Hi all'),
      group('our members', 'Dear members', 'Hello everyone'),
      group('attendees', 'Dear attendees', 'Hello everyone', 'Hi all'),
      group('everyone on the list', 'Hello everyone', 'Hi all', 'Dear all'),
      group('the whole street', 'Dear neighbours', 'Hello neighbours'),
      group('the helpers', 'Dear helpers', 'Hello everyone', 'Hi all'),
      group('the committee', 'Dear committee members', 'Dear all', 'Hello everyone'),
    ],
    determiners: ['the', 'our', 'the'],
    titled: 0.15,
    hours: [9, 20],
  },
  school: {
    sort: 'school',
    register: ['neutral', 'neutral', 'formal', 'friendly'],
    kinds:
      list(`parents' evening; school play; science fair; field trip; exam preparation class; sports day; class reunion; open day; reading week; maths competition
graduation rehearsal; museum visit; swimming lesson; music recital; career day; school concert; debate; art exhibition; study group; lab course
orientation day; spelling contest; class trip; book fair; term review; guest lecture; drama club; robotics club; thesis seminar; language test; study skills course; library tour; chess club; welcome assembly; cooking class`),
    before: [
      '',
      '',
      '',
      '',
      'annual',
      'spring',
      'autumn',
      'summer',
      'next',
      'first',
      'winter',
      'final',
      'second',
      'upcoming',
      'special',
      'year 9',
      'end-of-term',
    ],
    bring: list(
      `a packed lunch; %y student card; sports clothes; a signed consent form; a calculator; rain jackets; a pencil case; %y instruments; a water bottle; swimming goggles; %y library books; warm clothes; %y textbooks; a costume; %y lab coats; a packed snack; two pens; %y sheet music; a photo ID; sun hats`,
    ),
    aims: list(
      `meet the new teachers; talk about the timetable; see the students' projects; prepare for the final exams; visit the planetarium; learn about study options; celebrate the end of term; show what the classes have learned; practise for the concert; raise money for the library; plan the class trip; discuss the homework rules; present the science projects; get to know the campus; explain the exam rules; support the reading club; choose the new parent council; learn how the lab works`,
    ),
    notes: list(
      `the bus leaves from the main gate; younger brothers and sisters are welcome; a light snack is provided; students may leave afterwards; school uniform is required; entry is free; photos will be taken; the trip costs 12 euros; drinks will be sold; seats are limited; parents may stay; the cafeteria will be closed; phones must be switched off; latecomers cannot be admitted; parking is behind the gym; homework is due the day after; certificates will be handed out; the library will stay open late`,
    ),
    groups: [
      group('parents', 'Dear parents', 'Dear families', 'Hello everyone'),
      group('the parents', 'Dear parents', 'Dear families', 'Hello everyone'),
      group('all students', 'Dear students', 'Hello everyone', 'Hi all'),
      group('the students', 'Dear students', 'Hello everyone', 'Hi all'),
      group('my class', 'Dear students', 'Hello everyone', 'Hi all'),
      group('the teachers', 'Dear colleagues', 'Dear teachers', 'Dear all'),
      group('all families', 'Dear families', 'Dear parents'),
      group('the study group', 'Hello everyone', 'Hi all', 'Dear all'),
      group('my classmates', 'Hi everyone', 'Hi all', 'Hello all'),
      group('my students', 'Dear students', 'Hello everyone'),
      group('the drama club', 'Hello everyone', 'Hi all', 'Dear all'),
      group('all first-year students', 'Dear students', 'Hello everyone', 'Welcome everyone'),
      group('the parents of class 4', 'Dear parents', 'Dear families'),
    ],
    determiners: ['the', 'the', 'our'],
    titled: 0.35,
    hours: [8, 19],
  },
  social: {
    sort: 'social',
    register: ['friendly', 'friendly', 'neutral'],
    kinds:
      list(`birthday party; barbecue; housewarming; picnic; farewell dinner; game night; baby shower; anniversary lunch; dinner; brunch
garden party; movie night; wine tasting; pizza evening; family reunion; hen party; karaoke night; retirement party; costume party; tea party
potluck; beach day; camping weekend; pancake breakfast; cocktail evening; surprise party; graduation party; engagement party; card evening; bowling night; cheese tasting; fondue evening; boat trip; coffee morning; welcome dinner; Sunday lunch`),
    before: [
      '',
      '',
      '',
      '',
      '',
      '',
      'little',
      'big',
      'summer',
      'small',
      'joint',
      'family',
      'annual',
      'spring',
      'winter',
      'cosy',
    ],
    bring: list(
      `a salad; something to drink; a dessert; a blanket; a board game; swimwear; a folding chair; warm clothes; a bottle of wine; some bread; a funny photo; walking shoes; a small present; a sleeping bag; good music; snacks to share; a costume; sun cream; an umbrella; cake; a favourite recipe; slippers; a dish to share`,
    ),
    aims: list(
      `celebrate our new flat; say goodbye before the move; mark ten years together; welcome the baby; catch up after the holidays; enjoy the last warm days; try the new grill; toast the exam results; celebrate the new job; see everybody again; watch the final together; open the season; say thank you for all the help; celebrate a round birthday; taste the homemade cider; meet the new neighbours`,
    ),
    notes: list(
      `children are welcome; there will be a vegetarian option; partners are welcome; the party goes on until midnight; dogs are welcome; we will eat outside; presents are not needed; there is a spare room for guests; parking is easy in the side street; the last bus leaves at 11 pm; we will start with drinks; the food will be simple; it is a surprise; the dress code is casual; the bell is broken; we will move indoors if it rains; music starts after dinner; the pool is open`,
    ),
    groups: [
      group('my friends', 'Hi everyone', 'Hi all', 'Dear friends', 'Hello all'),
      group('our friends', 'Dear friends', 'Hi everyone', 'Hello all'),
      group('the family', 'Dear family', 'Hello everyone', 'Hi all'),
      group('my colleagues', 'Hi everyone', 'Dear colleagues', 'Hi all'),
      group('our neighbours', 'Dear neighbours', 'Hello neighbours', 'Hi everyone'),
      group('my old classmates', 'Hi everyone', 'Hello all', 'Dear classmates'),
      group('a few friends', 'Hi all', 'Hi everyone', 'Dear friends'),
      group('all my cousins', 'Hi everyone', 'Hello all', 'Dear cousins'),
      group('the guests', 'Dear guests', 'Hello everyone'),
      group('my flatmates', 'Hi all', 'Hi everyone'),
      group('the guests', 'Dear guests', 'Hello everyone', 'Hi all'),
      group('my roommates', 'Hi all', 'Hi everyone'),
    ],
    determiners: ['the', 'our', 'my'],
    titled: 0.05,
    hours: [10, 21],
  },
}

export function eventFact(rng: Rng, split: Split, world: World): Fact {
  const kind = either(world.kinds, event, rng, split)
  const before = kind.split(' ').length > 2 ? '' : rng.pick(world.before)
  const noun =
    kind.startsWith(before.slice(0, 5)) && before !== '' ? kind : `${before} ${kind}`.trim()
  const determiner = rng.pick(world.determiners)
  const what = `${determiner} ${noun}`
  const a = `${/^[aeiou]/i.test(noun) && !/^(u[^n]|one|euro)/i.test(noun) ? 'an' : 'a'} ${noun}`
  return {
    key: 'what',
    core: noun,
    label: `the event (${noun})`,
    slots: { what, whatN: noun, whatQ: what, whatA: a },
  }
}
