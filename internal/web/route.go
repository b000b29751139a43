package web

// route is what answers under a path.
type route struct {
	pattern string
	answer  func(*visit)
	posts   bool // takes forms
	hashes  bool // signs in: what it takes holds a password that is checked
	quiet   bool // not logged where all is well
	any     bool // answers any method alike
}

func (s *Site) makeRoutes() map[string]route {
	routes := map[string]route{
		"/":                 {answer: (*visit).showStart},
		"/confirm":          {answer: (*visit).confirm, posts: true},
		"/invite":           {answer: (*visit).invite, posts: true},
		"/invite/sign-in":   {answer: (*visit).acceptSignedIn, posts: true, hashes: true},
		"/forgot":           {answer: (*visit).forgot, posts: true},
		"/reset":            {answer: (*visit).reset, posts: true},
		"/second-factor":    {answer: (*visit).renew, posts: true, hashes: true},
		"/email":            {answer: (*visit).useEmail, posts: true},
		"/sign-in":          {answer: (*visit).signIn, posts: true, hashes: true},
		"/sign-out":         {answer: (*visit).signOut, posts: true},
		"/tan":              {answer: (*visit).enterTAN, posts: true},
		"/password":         {answer: (*visit).changeTemporary, posts: true, hashes: true},
		"/account":          {answer: (*visit).chooseAccount, posts: true},
		"/enrol":            {answer: (*visit).offerNumber, posts: true},
		"/enrol/tan":        {answer: (*visit).enrolNumber, posts: true},
		"/access":           {answer: (*visit).showAccess},
		"/login":            {answer: (*visit).showLogin},
		"/login/password":   {answer: (*visit).changePassword, posts: true, hashes: true},
		"/login/username":   {answer: (*visit).changeUsername, posts: true, hashes: true},
		"/login/email":      {answer: (*visit).changeEmail, posts: true, hashes: true},
		"/login/number":     {answer: (*visit).changeNumber, posts: true},
		"/login/number/tan": {answer: (*visit).confirmNumber, posts: true, hashes: true},
		"/auth":             {answer: (*visit).authorize, quiet: true, any: true},
		"/done":             {answer: (*visit).showDone},
		"/healthz":          {answer: (*visit).showHealth, quiet: true},
		s.style.page:        {answer: (*visit).showStyle, quiet: true},
	}
	for pattern, r := range routes {
		r.pattern = pattern
		routes[pattern] = r
	}
	return routes
}
