// HEALTHCHECK of the images: exits with 0 where the service at this port and path says that it is well.
const answer = await fetch(`http://127.0.0.1:${process.argv[2]}`).catch((error) => error.cause)
console.log(answer.status ?? answer.code)
process.exit(answer.ok ? 0 : 1)
