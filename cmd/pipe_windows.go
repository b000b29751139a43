package cmd

// ignoreClosedPipes has nothing to do: Windows sends no signal for them.
func ignoreClosedPipes() {}
