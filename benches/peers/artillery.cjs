// When artillery's users stop, in the closed model; peers.py says how long they go on.
let until

function more(context, next) {
  until ??= Date.now() + 1000 * Number(process.env.PEERS_SECONDS)
  next(Date.now() < until)
}

module.exports = { more }
