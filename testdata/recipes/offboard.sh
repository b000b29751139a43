#!/bin/sh
# Offboards somebody: suspends them, which ends their sessions too, revokes the
# invites to their e-mail, moves their mails to a successor, and checks that each
# category of mails still has a reader. Removing them can wait until nobody asks.
#
#	sh offboard.sh LEAVER SUCCESSOR          show what it would do
#	sh offboard.sh LEAVER SUCCESSOR --yes    do it
set -eu

if [ $# -lt 2 ] || [ $# -gt 3 ] || [ "${3:---yes}" != --yes ]; then
	echo "usage: sh offboard.sh LEAVER SUCCESSOR [--yes]" >&2
	exit 2
fi
how=${3:---dry-run}
export STAFFCTL_ACTOR="${STAFFCTL_ACTOR:-offboard.sh}" # who asked for it, for the audit

leaver=$(staffctl member show "$1" -o name)
successor=$(staffctl member show "$2" -o name)
if [ "$leaver" = "$successor" ]; then
	echo "$leaver cannot be their own successor" >&2
	exit 2
fi

# First of all, so that who must not leave yet keeps everything.
code=0
staffctl member suspend "email:$leaver" "$how" || code=$?
case $code in
0) ;;
7)
	account=$(staffctl member show "email:$leaver" -o csv --no-headers --columns account)
	cat >&2 <<-END
		nothing was changed: hand over first, and then begin again:
		  staffctl member set-access $successor all
		  staffctl account set-owner $account $successor
	END
	exit 7
	;;
*) exit "$code" ;;
esac

invites=$(staffctl invite list --email "$leaver" --status pending -o name)
for invite in $invites; do
	staffctl invite revoke "$invite" "$how"
done

# The successor gets them before the leaver loses them, so that none is lost between.
mails=$(staffctl mail-prefs show "email:$leaver" -o name)
if [ -n "$mails" ]; then
	# Without quotes, since each category is an argument.
	staffctl mail-prefs add "email:$successor" $mails "$how"
	staffctl mail-prefs remove "email:$leaver" $mails "$how"
fi

accounts=$(staffctl member show "email:$leaver" -o csv --no-headers --columns login_accounts)
if [ "${accounts:-0}" -gt 1 ]; then
	echo "their login has $accounts accounts: begin again with STAFFCTL_ACCOUNT=NAME for each" >&2
fi

code=0
staffctl mail-prefs check || code=$?
case $code in
0) ;;
11) echo "nobody gets these mails: give each to somebody by staffctl mail-prefs add" >&2 ;;
esac
if [ "$how" = --dry-run ]; then
	echo "nothing was changed: give --yes to do it" >&2
fi
exit "$code"
