// Package staff is the domain of staffctl: the people of a customer portal,
// what they may open and which mails they get, and every rule about them.
//
// Whoever wants to change people says so with an [Action]. [Staff.Plan] loads
// the facts that the actions need, applies the rules and returns a [Plan]: the
// rows to write, with what was there before. [Staff.Do] hands it to the [Store]
// as one [Commit], which the store carries out whole or not at all, and plans
// again when somebody else was quicker. No second path changes people.
package staff
