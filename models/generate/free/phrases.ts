import { clause, event, thing } from '../compose.ts'
import type { Rng } from '../random.ts'
import { part, type Split } from '../split.ts'

/** Everyday phrases of free questions, with the marks of voice.ts. Half are composed. */
const list = (text: string) => text.trim().split(/\s*[;\n]\s*/)

type Draw = (rng: Rng, split: Split) => string
const either =
  (pool: readonly string[], compose: Draw, natural: number): Draw =>
  (rng, split) =>
    rng.chance(natural) ? rng.pick(part(pool, split)) : compose(rng, split)
const an = (noun: string) =>
  `${/^[aeiou]/i.test(noun) && !/^(uni|use|one)/i.test(noun) ? 'an' : 'a'} ${noun}`

const occasions = list(
  `for Christmas; for my birthday; for our wedding; for the baby; for Mother's Day; for Easter; for my graduation; from %y trip; for our new home; for the party; when I was sick; at the weekend; after the storm; for the school play; for our anniversary; last summer; while we were away; while I was in the hospital; during the holidays; before the exam; for the neighborhood party; for my first apartment; while we were at the beach; for my retirement; at the airport`,
)
const past = list(
  'sent me; gave me; made me; lent me; brought me; bought me; sent us; gave us; baked for us; picked out for me; knitted for me; wrapped for us; left for me; found for me; repaired for me; carried home for me; saved for me; showed me',
)
export const gifts: Draw = either(
  list(
    `the flowers %s sent me; the birthday cake %s baked for me; helping me move last month; the homemade soup %s brought over; watching the kids; feeding my cat while I was away; the ride to the airport; %y advice about my new job; the concert tickets; letting me stay at %y apartment; %y help with the garden; driving my mother to the doctor; the wonderful dinner at %y house; fixing my computer; the book %s recommended; taking care of our dog; covering my shift; staying late to finish the report; the warm welcome on my first day; the kind words in %y card; picking up my prescription; listening to me when I was sad; shoveling our driveway; the recommendation letter %s wrote; teaching me how to drive; babysitting on such short notice; the pictures %s took; always being there for me; %y generous donation; mowing our lawn; lending me %y truck; the gift card`,
  ),
  (rng, split) =>
    rng.weighted([
      [
        () =>
          `the ${thing(rng, split)} %s ${rng.pick(past)}${rng.chance(0.4) ? ` ${rng.pick(occasions)}` : ''}`,
        6,
      ],
      [() => `letting me use %y ${thing(rng, split)}`, 1.2],
      [() => `helping me with ${rng.pick(['my', 'the', 'our'])} ${thing(rng, split)}`, 1.2],
      [() => `%y help with the ${thing(rng, split)}`, 1],
      [() => `fixing our ${thing(rng, split)}`, 0.8],
    ] as const)(),
  0.4,
)

const faults = list(
  'forgetting; breaking; losing; scratching; not returning; misplacing; damaging; spilling coffee on; stepping on; not answering %y message about; mixing up; ruining',
)
export const wrongs: Draw = either(
  list(
    `missing %y birthday; forgetting our appointment; being late for dinner; not calling %o back; the noise from my apartment; losing %y umbrella; missing %y graduation party; the mistake in %y invoice; sending %o the wrong size; the long wait at our store; canceling our lunch at the last minute; the rude behavior of our waiter; parking in %y spot; breaking %y favorite mug; not replying to %y email; the damaged package; the cold food %s received; charging %o twice; the loud music on Saturday night; eating %y leftovers; losing my temper in the meeting; showing up late to %y presentation; the missing parts in %y order; my dog digging up %y flowers; the delay of %y refund; forgetting to pick %o up from the station; not watering %y plants; the wrong address on %y package; spilling wine on %y carpet`,
  ),
  (rng, split) =>
    rng.weighted([
      [() => `the late delivery of %y ${thing(rng, split)}`, 2.4],
      [
        () =>
          `the ${rng.pick(['problem', 'trouble', 'mix-up', 'delay', 'mistake'])} with %y ${thing(rng, split)}`,
        2.4,
      ],
      [() => `${rng.pick(faults)} %y ${thing(rng, split)}`, 4],
      [() => `the ${thing(rng, split)} we sent %o`, 1],
      [() => `missing %y ${event(rng, split)}`, 1.2],
    ] as const)(),
  0.4,
)

/** Wishes as nouns ("asking for a day off"), each with the verb that the message uses. */
export const nounWishes: Draw = either(
  list(
    `give me|a day off; give me|a raise; give me|a refund; give me|more time for the report; send me|a copy of the contract; write me|a letter of recommendation; give me|an earlier appointment; send me|a new password; send me|a quote for the kitchen; give me|a week of vacation; give me|some feedback on my essay; send me|the recipe for %y apple pie; give me|an extension for my paper; send me|a replacement; give me|two days of sick leave; give me|a discount; lend me|a ladder; give me|a ride to work; send me|the notes from class; give me|permission to work from home; send me|a receipt; give me|a parking spot; give me|%y new phone number; give me|some advice about the job; send me|the photos from the wedding; give me|a second key`,
  ),
  (rng, split) => {
    const noun = thing(rng, split)
    return rng.weighted([
      [`lend me|%y ${noun}`, 3],
      [`send me|${an(noun)}`, 3],
      [`give me|the ${noun}`, 2],
      [`give me|a new price for the ${noun}`, 0.8],
      [`send me|some information about the ${noun}`, 1],
    ])
  },
  0.4,
)
export const verbWishes: Draw = either(
  list(
    `water my plants; switch shifts with me; turn down %y music at night; move %y car; look after my dog; call me back; check the invoice again; help me move a couch; pick up my daughter from school; join the meeting by phone; come a little earlier; send %y report again; proofread my cover letter; keep %y dog off our lawn; take a look at the heater; bring %y guitar; clean up the kitchen; sign the lease; take the trash out; pay %y share of the rent; lend me %y lawn mower; feed the fish; reschedule our appointment; return my drill; drive me to the clinic; translate a letter for me; take in my mail; babysit the twins; share %y notes; babysit for two hours; let me leave early; explain the homework to my son; help me set up my printer; cut %y hedge; wait with the payment; trim the tree in %y yard; cover the front desk; reply to the client`,
  ),
  (rng, split) =>
    `${rng.pick(list('return; fix; bring; sell me; check; send back; clean; borrow; show me; order; move; lend us; pick up; look at; pack; print; repair; cancel; replace; deliver; keep; store'))} ${rng.pick(['the', '%y', 'my', '%y', 'our'])} ${thing(rng, split)}`,
  0.45,
)

/** Reasons after "because". */
export const reasons: Draw = either(
  list(
    `my sister is getting married; my son is sick; I have a dentist appointment; my car broke down; I am moving to a new apartment; my flight was delayed; my grandmother is visiting; we are having guests; I have to study for an exam; the babysitter canceled; I hurt my back; my internet is down; I am stuck in traffic; the trains are not running; my daughter has a recital; I am starting a new job; we are going on vacation; the baby is due soon; I have a family emergency; my phone was stolen; I lost my keys; it does not fit; I forgot my charger; the kids are home from school; my parents are celebrating their anniversary; I have jury duty; I have a fever; the plumber is coming; our basement is flooded; I overslept; the power went out; my laptop crashed; I was in the hospital; my dog had to go to the vet; I never received the package; we are out of stock; my brother is graduating; I got a flat tire; we are painting the living room`,
  ),
  clause,
  0.55,
)
/** Reasons after "because of". */
export const causes: Draw = either(
  list(
    `the holidays; the heavy rain; a power outage; the snow; a staff meeting; a water leak; the long weekend; roadwork; the renovation; a public holiday; the heat wave; a family emergency; a software update; the strike; bad weather; an inspection; a private event; Thanksgiving; Christmas; the storm; a broken pipe; my back pain; a doctor's appointment; the election; the marathon; a burst pipe; my vacation; the school break; a funeral; a flat tire; the flu; repairs; inventory; a training day; low demand; the fire drill; a change in my schedule; the traffic; a business trip`,
  ),
  (rng, split) =>
    rng.weighted([
      [`a problem with the ${thing(rng, split)}`, 3],
      [`the ${event(rng, split)}`, 3],
      [`the broken ${thing(rng, split)}`, 2],
      [`repairs to the ${thing(rng, split)}`, 1.4],
      [`the new ${thing(rng, split)}`, 1],
    ]),
  0.5,
)

/** News for one person. */
export const personalNews: Draw = either(
  list(
    `my son is sick and will miss school; I will be late; I cannot come to %y party; I have to cancel our lunch; %y package was delivered to my house; I will be out of the office; the meeting is moved to the afternoon; I found %y keys; %y order is ready for pickup; I am running ten minutes late; the plumber is coming; I will pay the rent late; we arrived safely; %y appointment has been moved; I got the job; my phone number has changed; I will work from home; the report is finished; %y dog is in our yard; I left %y book on the porch; we are moving out; %y car lights are on; %y application was accepted; the dinner is canceled; I cannot babysit; my daughter will be picked up by her aunt; %y prescription is ready; we are expecting a baby; I will return %y ladder; the kids can stay overnight; %y laptop is fixed; I cannot make it to practice; the class is full; %y table is reserved`,
  ),
  (rng, split) =>
    rng.weighted([
      [
        `%y ${thing(rng, split)} ${rng.pick(list('is ready; has arrived; is fixed; is at my house; will be delivered; was found; is out of stock; is sold out; will be late; is still here'))}`,
        4,
      ],
      [
        `I will ${rng.pick(list('return; bring; fix; pick up; buy; send back; drop off; replace'))} ${rng.pick(['the', '%y', 'my'])} ${thing(rng, split)}`,
        3,
      ],
      [
        `I cannot ${rng.pick(list('find; use; open; bring; pay for; repair; carry'))} ${rng.pick(['the', '%y'])} ${thing(rng, split)}`,
        1.6,
      ],
      [clause(rng, split), 2],
    ]),
  0.45,
)
/** News for many. */
export const publicNews: Draw = either(
  list(
    `the library will be closed; the office will be closed; the store closes early; the pool is closed; practice is canceled; the bake sale is moved inside; the elevator is out of order; the gym opens later; the bus will not run; school starts two hours late; the parking lot will be repaved; the water will be shut off; the bakery is closed; choir rehearsal is canceled; the café will be open until midnight; the clinic is closed; the picnic is postponed; our phone lines are down; the trash will be picked up a day later; the front door stays locked; yoga class is canceled; the playground is closed; the cafeteria will be closed; the bookstore is moving; mail will be delivered late; the ice rink is open again; the museum is free`,
  ),
  (rng, split) =>
    `the ${thing(rng, split)} ${rng.pick(list('will be closed; is canceled; is out of order; will not be available; is closed; will be moved; is postponed; will be open late; will be cleaned; will be replaced; opens early'))}`,
  0.55,
)
export const chores: Draw = either(
  list(
    `pay %y share of the rent; bring %y passport; take out the trash; return my ladder; send me %y address; pick up %y dry cleaning; turn in %y homework; sign the permission slip; bring back the library books; lock the back door; call %y grandmother; book %y flight; feed the cat; submit %y expense report; renew %y license; take %y medicine; pay the electric bill; water the plants; bring snacks; clean %y room; send in %y time sheet; fill out the survey; pick up the cake; confirm %y appointment; wear %y uniform; clear out the fridge; drop off %y form; update %y password; return %y rental car; walk the dog; RSVP for the wedding; check %y smoke alarm`,
  ),
  (rng, split) =>
    `${rng.pick(list('return; bring; pick up; send me; clean; pay for; drop off; order; check; pack; sign; print; fix; bring back; finish'))} ${rng.pick(['the', '%y', '%y', 'my', 'our'])} ${thing(rng, split)}`,
  0.45,
)

const broken = list(
  'is broken; is leaking; does not work; is stuck; keeps dripping; is clogged; makes a loud noise; is not working; smells bad; is cracked; will not turn on; keeps beeping; is dead; is flooded; will not close',
)
const household = list(
  'shower; kitchen sink; heater; dishwasher; toilet; air conditioner; fridge; oven; front door; bathroom light; washing machine; radiator; stove; smoke alarm; faucet; hallway light; garage door; water heater; window in the bedroom; mailbox; dryer; balcony door; ceiling fan; intercom; internet; elevator',
)
/** What a gift or a help has brought. */
export const effects: Draw = either(
  list(
    `it fits perfectly; the kids loved it; it made my day; I wear it every day; everyone enjoyed it; it means a lot to me; we use it all the time; I could not have done it without %o; it was delicious; I got the job; everything went well; it looks great in our kitchen; I feel much better now; %y idea worked; it was a wonderful surprise; I will never forget it`,
  ),
  clause,
  0.6,
)
/** After "I will". */
export const remedies: Draw = either(
  list(
    `send %o a new one; give %o a full refund; call %o tomorrow; replace it; pay for the damage; be on time from now on; give %o a discount of 10 percent; buy %o lunch; bring it back this weekend; clean it up; be more careful; take %o out to dinner; deliver it on Monday; send %o a gift card; make it up to %o; come by tomorrow`,
  ),
  (rng, split) =>
    `${rng.pick(list('replace; repair; bring back; pay for; send %o; buy %o; deliver; clean; return'))} ${rng.pick(['the', 'the', '%y'])} ${thing(rng, split)}`,
  0.5,
)
/** A further detail of a wish. */
export const notes: Draw = either(
  list(
    `I can pay %o back next week; I will return it on Sunday; it only takes an hour; I am home after five; it is not urgent; I can come by any time; I will bring coffee; I have asked twice already; the form is attached; I can do the same for %o; the key is under the mat; it has to be quiet; I am happy to pay; a short one is fine; I can work on Saturday instead; my phone number is the same`,
  ),
  clause,
  0.6,
)

/** Something that has to be fixed, and what is wrong with it. */
export const defect = (rng: Rng, split: Split): readonly [string, string] => [
  rng.chance(0.55) ? rng.pick(part(household, split)) : thing(rng, split),
  rng.pick(broken),
]
