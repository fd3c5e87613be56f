import type { Rng } from './random.ts'
import { capital, spin } from './spin.ts'
import { part, type Split } from './split.ts'

/** Questions outside the domain, and the honest short answer to them. */
const topics: readonly string[] = [
  'What is {12|37|144|58|7} {times|plus|minus|divided by} {3|14|29|8}?',
  'Solve {2x + 3 = 11|x^2 = 49|5y - 10 = 0}.',
  'What is the {square root|cube} of {81|27|144}?',
  'How many {minutes|seconds} are in a {day|week|year}?',
  'Calculate {15|20|7.5} percent of {80|240|1000}.',
  'Prove that the square root of 2 is irrational.',
  'What is the derivative of {x^2|sin x|e^x}?',
  'Write a {Python|JavaScript|Rust|Java|C} {function|program|script} that {sorts a list|reverses a string|reads a file|computes primes|parses JSON}.',
  'How do I {center a div|fix a segfault|undo a git commit|write a SQL join|install Docker}?',
  'Explain {recursion|pointers|closures|async and await|binary search}.',
  'What does this code do: {for i in range(10): print(i)|SELECT * FROM users|let x = y => y + 1}',
  'Find the bug in my code.',
  'What is the capital of {Peru|Norway|Kenya|Canada|Japan|Austria}?',
  'Who {wrote Hamlet|painted the Mona Lisa|invented the telephone|discovered penicillin|won the World Cup in 1998}?',
  'When {did the Second World War end|was the Eiffel Tower built|did humans first land on the moon}?',
  'How {tall is Mount Everest|far away is the moon|deep is the ocean|old is the universe}?',
  'Why is the sky blue?',
  'What is the {longest river|largest planet|smallest country|fastest animal}?',
  'Explain {photosynthesis|black holes|inflation|the French Revolution|quantum physics|evolution} {|to a child|in simple words}.',
  'Tell me about {the Roman Empire|dinosaurs|volcanoes|Albert Einstein|whales}.',
  'How are you{| today}?',
  'Who are you?',
  'What can you do?',
  'Tell me a joke.',
  '{Hello|Hi|Hey}{!||, how is it going?}',
  'What is your name?',
  'Do you like {music|pizza|cats|humans}?',
  'Are you {human|conscious|ChatGPT|a robot}?',
  'I am bored.',
  'What is the meaning of life?',
  'test',
  'ok',
  'asdf',
  'hello there',
  'Good morning!',
  'Thanks!',
  'What time is it?',
  'How is the weather {today|in London|tomorrow}?',
  'I feel sad today.',
  'Translate "{good morning|I love you|where is the station|thank you very much}" into {French|German|Spanish|Japanese|Italian}.',
  'What does "{bonjour|danke|hola|ciao}" mean?',
  'How do you say {water|friend|tomorrow} in {Latin|Dutch|Polish}?',
  'Correct the grammar: {he go to school|I has a car|they was here}.',
  'Write a {poem|haiku|song|limerick|story|novel|fairy tale|rap|sonnet} about {autumn|love|a dragon|the sea|my cat|robots|winter}.',
  'Write an essay {about|on} {climate change|democracy|Shakespeare|social media}.',
  'Write a {cover letter|CV|business plan|speech|press article|blog post|product review|legal contract}{| for a nurse| for a start-up| about coffee}.',
  'Summarise {this article|the plot of Hamlet|the news|War and Peace}.',
  'Give me a recipe for {pancakes|lasagne|tomato soup|chocolate cake}.',
  'Make a shopping list for {a party|the week|pasta}.',
  'Plan a {trip to Rome|weekend in Paris|workout|diet|marketing campaign}.',
  'Which {phone|car|laptop|stock|book} should I buy?',
  'How do I {lose weight|fall asleep faster|learn the guitar|get rich|boil an egg|tie a tie|grow tomatoes}?',
  'I have a {headache|rash|fever|sore throat}. What should I do?',
  'Is it {legal|safe|healthy} to {drink coffee every day|swim after eating|record a phone call}?',
  'What are the symptoms of {flu|measles|diabetes}?',
  'Should I {invest in gold|quit my job|get a dog|move to Spain}?',
  'Who will win the election?',
  'Recommend {a film|a good book|some music|a restaurant in Berlin}.',
  'What is the best {football team|programming language|country to live in|way to save money}?',
  'Sort these numbers: {5, 2, 9, 1|30, 12, 8}.',
  'List {five fruits|the planets|ten countries in Africa|all US presidents}.',
  'What is the difference between {a virus and a bacterium|weather and climate|affect and effect}?',
  'Describe {the taste of lemon|a sunset|your dream house}.',
  'Pretend to be {a pirate|a king|my teacher}.',
  'Continue the story: {Once upon a time|It was a dark night|The door opened}.',
  'Give me {three ideas for a start-up|baby names|a riddle|a quote about hope}.',
  'How does {a car engine|the internet|a vaccine|GPS} work?',
  'Play a game with me.',
  'Act as a lawyer and review my contract.',
  'Draw a {cat|house|map}.',
  'Define {entropy|irony|democracy|osmosis}.',
  'What happened in {1989|1492|2008}?',
  'Convert {10 miles|72 degrees Fahrenheit|5 pounds} to {kilometres|Celsius|kilograms}.',
  'Is {7|91|51|97} a prime number?',
  'What rhymes with {orange|time|blue}?',
  'Spell {necessary|rhythm|accommodate}.',
]

/** More of them, as people type; the questions kept back in held-out.json come from the list above alone. */
const chats: readonly string[] = [
  '{thanks|thx|thank you|ty|Thank you so much|Thanks a lot|many thanks|Cheers}{!||.}',
  '{hello|hi|hey|Hello|Hi|yo|hiya|Good evening|good afternoon|Howdy}{!||?| there| again}',
  '{help|Help|help me|help!|Can you help me?|I need help|what now|menu|start|info}',
  '{yes|no|maybe|sure|okay|cool|nice|great|lol|hm|hmm|wow|sorry|bye|goodbye|good night|why|what|who|how|when}{?|!||.}',
  'Should I {buy a house|sell my car|learn Python|go to college|get married|buy bitcoin|take a nap|change jobs|eat less sugar|call a doctor|rent or buy|get a cat|wear a coat|vote}?',
  'What is {a mortgage|love|bitcoin|an atom|the GDP of France|machine learning|gravity|a verb|your favorite color|a good salary|the stock market|sourdough|DNA|a black hole|jazz|the time in Tokyo|the best laptop}?',
  'what is {love|a blockchain|ai|the biggest city|zinc|yoga|a tax return}',
  "What's {up|your name|the weather like|new|the capital of Spain|for dinner|17 times 23|the score}?",
  'Who is {the president|Taylor Swift|the CEO of Apple|Batman|your maker|Plato|the king of Spain}?',
  'Where is {Madagascar|my phone|the nearest gas station|the Louvre|Mount Fuji}?',
  "When is {Easter|the next election|the Super Bowl|Mother's Day|high tide}?",
  'Why {do cats purr|is the sea salty|do we dream|are bananas yellow|is my internet slow|did Rome fall}?',
  'Can you {sing|drive a car|see me|speak Spanish|do my taxes|count to ten|draw|beat me at chess|code|browse the web}?',
  'How {much does a car cost|old are you|do planes fly|many people live in India|do I bake bread|do I fix a flat tire|big is the sun|do I invest}?',
  'Is {the earth round|coffee bad for me|it going to rain|gold a good investment|Pluto a planet|tofu healthy|Santa real}?',
  'Are {tomatoes fruits|you there|you alive|aliens real|you smart|you real}?',
  'Do you {know me|sleep|remember me|have feelings|know a joke|like coffee|work on Sundays}?',
  "I {love you|am hungry|have a question|need a loan|am lost|don't know|feel tired|want to learn piano|hate Mondays}{.|}",
  'Give me {a workout plan|stock tips|a joke|the news|ten synonyms for happy|a chess opening|investment advice}{.|}',
  'Fix {my code|this regex|my essay|the bug}{.|}',
  '{bitcoin price|weather tomorrow|pizza near me|cheap flights|python tutorial|best movies 2020|news|lottery numbers}',
  '{1+1|2+2=?|12*12|5!|100/7|3x=9}',
  '{qwerty|aaa|xyz|...|???|123|blah blah|foo bar|lorem ipsum|testing testing|hello world}',
  'Write {code for a website|a song|a haiku|a joke|an essay|my homework|a tweet|a movie script|a bedtime story|a SQL query}{.|}',
  'Translate {this|hello|my letter|cat} {to|into} {French|Chinese|Russian|Latin}{.|}',
]

const who = [
  'I am {only |}a small demo model',
  'This is a small demo model',
  'I am a {tiny|small} model made for a demo',
  "{Sorry, |}I'm just a small demo model",
  '{Sorry, that|That} is outside what I can do: I am a small demo model',
]
const cannot = [
  ', so I cannot help with that',
  ' and cannot answer that',
  ' and this is outside what I know',
  '',
]
const kinds = [
  'I {write|can write} short practical messages, such as {reminders, invitations and thank-you notes|apologies, requests and reminders|invitations, announcements and requests|thank-you notes, apologies and invitations}.',
  'What I can do is write short {practical |}messages: {reminders, invitations, thank-you notes, apologies, requests and announcements|reminders, thank-you notes, requests and the like}.',
  'I only {know how to write|write} short messages like {reminders, invitations or apologies|requests, thank-you notes or announcements}.',
]
const examples = [
  "Write a short email that reminds attendees of Friday's workshop",
  'Write a thank-you note to Maria for the flowers',
  'Invite my neighbours to a barbecue on Saturday at 5 pm',
  'Apologise to Tom for missing the meeting yesterday',
  'Ask my landlord to repair the heating by Monday',
  'Tell all residents that the lift will be closed on Tuesday',
  'Remind my team to submit their timesheets by Friday',
]
const exampleLead = [
  '{Try|You could try|Please try}: “[e].”',
  '{For example|For instance}, ask me: “[e].”',
  'You could ask: “[e].”',
  'A good question for me would be: “[e].”',
]
const chatter = [
  'That is a very interesting question, and one could say many things about it.',
  'Many people have thought about this for a long time.',
  'I would really love to know the answer myself.',
  'Questions like this are part of everyday life.',
  'There is so much to learn in this world.',
]

export interface OutsideParts {
  readonly who: string
  readonly kinds: string
  readonly example: string
  readonly chatter: readonly string[]
}
export interface OutsideFlaws {
  readonly noKinds: boolean
  readonly noExample: boolean
  readonly chatty: boolean
}

export const outsideQuestion = (rng: Rng, split: Split, chatty = 0) => {
  if (chatty > 0 && rng.chance(chatty)) return spin(rng.pick(chats), rng)
  const text = spin(rng.pick(part(topics, split)), rng)
  return rng.chance(0.08) ? text.toLowerCase() : text
}

export function outsideParts(rng: Rng): OutsideParts {
  return {
    who: `${spin(rng.pick(who), rng)}${rng.pick(cannot)}.`.replace(
      /^(Sorry, that|That) (.*)( and cannot answer that|, so I cannot help with that| and this is outside what I know)\.$/,
      '$1 $2.',
    ),
    kinds: spin(rng.pick(kinds), rng),
    example: spin(rng.pick(exampleLead), rng).replace('[e]', rng.pick(examples)),
    chatter: rng.shuffle(chatter).slice(0, rng.int(1, 2)),
  }
}

export const drawOutsideFlaws = (rng: Rng): OutsideFlaws => ({
  noKinds: rng.chance(0.3),
  noExample: rng.chance(0.45),
  chatty: rng.chance(0.3),
})

export function outsideAnswer(parts: OutsideParts, flaws: OutsideFlaws): string {
  return [
    ...(flaws.chatty ? parts.chatter : []),
    parts.who,
    ...(flaws.noKinds ? [] : [parts.kinds]),
    ...(flaws.noExample ? [] : [parts.example]),
  ]
    .map(capital)
    .join(' ')
}

export const outsideScore = (flaws: OutsideFlaws) =>
  -(flaws.noKinds ? 1.2 : 0) - (flaws.noExample ? 0.9 : 0) - (flaws.chatty ? 1 : 0)

export function outsideItems(flaws: OutsideFlaws): string[] {
  return [
    ...(flaws.noKinds ? ['kinds'] : []),
    ...(flaws.chatty ? ['chatty'] : []),
    ...(flaws.noExample ? ['example'] : []),
  ]
}

const weakWords: Record<string, readonly string[]> = {
  kinds: [
    'it does not say what it can do instead',
    'the reader does not learn what the model can write',
  ],
  chatty: ['it starts with empty sentences', 'it is padded with small talk'],
  example: ['it gives no example of what to ask', 'an example question is missing'],
}
const goodWords: Record<string, readonly string[]> = {
  kinds: ['it says what it can do', 'it names the messages it can write'],
  chatty: ['it is brief', 'it has no padding'],
  example: ['it gives an example', 'it shows what to ask'],
}
const doWords: Record<string, readonly string[]> = {
  kinds: [
    'Say that you write short practical messages such as reminders and invitations',
    'Add what you can do: reminders, invitations, thank-you notes',
  ],
  chatty: ['Remove the empty sentences at the start', 'Cut the small talk'],
  example: [
    'Add an example such as “Invite my neighbours to a barbecue”',
    'Add one example of what to ask',
  ],
}

export function outsideCritique(
  flaws: OutsideFlaws,
  rejected: OutsideFlaws | undefined,
  rng: Rng,
): string {
  const items = outsideItems(flaws)
  const plus =
    rejected === undefined ? [] : outsideItems(rejected).filter((item) => !items.includes(item))
  const head =
    rejected === undefined
      ? ''
      : plus.length === 0
        ? `${rng.pick(['Both answers honestly say that the question is out of reach.', 'The two answers are close.'])} `
        : `The higher-scored answer is better because ${plus
            .slice(0, 2)
            .map((item) => rng.pick(goodWords[item] as readonly string[]))
            .join(', and ')}. `
  if (items.length === 0)
    return `${head}${rng.pick(['It is honest, brief and gives an example; nothing important is left to change.', 'It says honestly what the model can do. It can stay as it is.'])}`
  return `${head}${rejected === undefined ? 'Weak points' : 'Still weak'}: ${items.map((item) => rng.pick(weakWords[item] as readonly string[])).join(', and ')}.`
}

export function outsideAdvice(flaws: OutsideFlaws, rng: Rng): string {
  const items = outsideItems(flaws)
  if (items.length === 0)
    return rng.pick(['Keep the answer as it is.', 'No change is needed; it is honest and brief.'])
  return items
    .map(
      (item, i) =>
        `${items.length > 1 ? `${i + 1}. ` : ''}${rng.pick(doWords[item] as readonly string[])}.`,
    )
    .join('\n')
}
