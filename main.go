// Staffctl administers the people of a customer portal.
package main

func main() {}
