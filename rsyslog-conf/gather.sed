# SPDX-License-Identifier: Apache-2.0
# Changes omauditjson-direct.conf or omauditjson-diskqueue.conf so that imfile puts several records
# into one message (docs/rsyslog.md, "Several records in a message"):
#
#   sed -i -f /usr/share/omauditjson/rsyslog-conf/gather.sed /etc/rsyslog.d/60-omauditjson.conf
#
# A message ends with a record that ends an event; with the disk queue at about every tenth event
# only: one whose serial number ends in 0. readTimeout sends what has got no further line for a second
# or two. A message also ends with records of which an event can have very many (EXECVE, OBJ_PID,
# PATH), for it must stay below MaxMessageSize: beyond it imfile 8.2302 splits a message and can lose a
# piece (when the limit is reached within the message's last line).

s/^\$MaxMessageSize 64k/$MaxMessageSize 1m/

# one line of JSON: \n between the records, and no byte of a record is a border
/^template(name="omauditjson_line"/a\
template(name="omauditjson_message" type="string" string="\\"%msg:::json%\\"\\n")
s/type="omprog" template="omauditjson_line"/type="omprog" template="omauditjson_message"/

s/^    MaxSubmitAtOnce="1" PersistStateInterval="100" /    endmsg.regex="^(node=[^ ]* )?type=(EOE|PROCTITLE|EXECVE|OBJ_PID|@ENDS@|PATH msg=[^ ]* item=[0-9]*[5-9][0-9] )"\
    readTimeout="1" escapeLF="off"\
&/
s/^    MaxSubmitAtOnce="1" PersistStateInterval="1000"/    endmsg.regex="^(node=[^ ]* )?type=((EOE|PROCTITLE|@ENDS@)[^ ]* msg=audit[(][0-9.]*:[0-9]*0[)]|EXECVE.* a[0-9]*[1-9][0-9]+|OBJ_PID|PATH msg=[^ ]* item=[0-9]*[5-9][0-9] )"\
    readTimeout="1" escapeLF="off"\
&/
# types that end an event, or are one
s/@ENDS@/SECCOMP|TTY|USER|USYS|CRED_|ADD_|DEL_|DAC_|CHGRP|CHUSER|TEST|TRUSTED|GRP_|SYSTEM_|SERVICE_|MAC_(CHECK|UNLBL|CIPSO|MAP|IPSEC|CALIPSO)|ACCT_|SOFTWARE|DAEMON_|KERNEL|ANOM_|RESP_|ROLE_|LABEL|DEV_|FS_|CRYPTO|VIRT_|UNKNOWN/
