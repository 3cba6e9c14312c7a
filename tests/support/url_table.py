"""Who gets which answer at every address, written by hand.

People, each by one letter:

    O M m v   owner, manager, maintainer, viewer of the organization Acme
    w g       owner, maintainer of its workspace Shop, and nothing of Acme
    a         viewer of Shop's application Web in production, and nothing else
    d         was manager of Acme when they signed in, and is viewer now
    s r x     was manager of Acme when they signed in, and is suspended, removed, deactivated now
    o         owner of another organization, Globex
    t         signed in, and a member of nothing
    f S       staff without any permission, superuser
    -         nobody is signed in

A verb without a row is not declared: 405. Forms are sent empty here, so what needs no field to be
filled in is 409: it says nothing of what it was made from. Staff alone give a reason, and press
buttons that their page has shown.
"""

EVERYBODY = "OMmvwgadsrxotfS-"
# Who is nobody to the server: asked to sign in.
SIGNED_OUT = "-x"

# Whoever may see the node and has no letter here is answered 403, whoever may not see it 404;
# "302:404" says that the former are answered 404 as well. "." is nobody, "-" no such address.
NODE_PAGES = """
name                    verb  answer   organization  workspace  application

detail                  GET   200      OMmvd         OMmvdwg    OMmvdwga
logo                    GET   200      OMmvd         OMmvdwg    -
pin                     POST  302      OMmvd         OMmvdwg    OMmvdwga
unpin                   POST  302      OMmvd         OMmvdwg    OMmvdwga
workspace-create        GET   200      OM            -          -
workspace-create        POST  200      OM            -          -
application-create      GET   200      -             OMw        -
application-create      POST  200      -             OMw        -
role-index              GET   200      OM            -          -
custom-role-create      GET   200      O             -          -
custom-role-create      POST  200      O             -          -
custom-role-detail      GET   200      OM            -          -
custom-role-edit        GET   200      O             -          -
custom-role-edit        POST  200      O             -          -
custom-role-delete      GET   200      O             -          -
custom-role-delete      POST  409      O             -          -

edit                    GET   200      OM            OMw        OMmwg
edit                    POST  200      OM            OMw        OMw
settings                GET   200      OM            OMw        OMmwg
settings                POST  200      OM            OMw        OMw
suspend                 GET   200      O             Ow         Ow
suspend                 POST  200      O             Ow         Ow
resume                  POST  302      O             Ow         Ow
delete                  GET   200      O             Ow         Ow
delete                  POST  200      O             Ow         Ow

trusted-origin-index    GET   200      -             -          OMmwg
trusted-origin-add      GET   200      -             -          OMw
trusted-origin-add      POST  200      -             -          OMw
trusted-origin-edit     GET   200      -             -          OMw
trusted-origin-edit     POST  200      -             -          OMw
trusted-origin-remove   GET   200      -             -          OMw
trusted-origin-remove   POST  409      -             -          OMw

transfer                GET   200      -             Ow         Ow
transfer                POST  200      -             Ow         Ow
transfer-withdraw       POST  404      -             Ow         Ow
ownership               GET   200      O             -          -
ownership-offer         POST  200      O             -          -
ownership-withdraw      POST  404      O             -          -
ownership-recovery-cancel  POST  404   O             -          -
successor               POST  409      O             -          -
access                  GET   200      OM            OMmwg      OMmwg
view-as                 POST  302      OM            OMw        OMw

access-review-index       GET   200    OM            OMmwg      -
access-review-start       GET   200    OM            OMw        -
access-review-start       POST  200    OM            OMw        -
access-review-detail      GET   200    OM            OMmwg      -
access-review-keep        POST  302    OM            OMw        -
access-review-row-change  GET   200    OM            OMw        -
access-review-row-change  POST  200    OM            OMw        -
access-review-row-remove  GET   200    OM            OMw        -
access-review-row-remove  POST  409    OM            OMw        -
access-review-finish      GET   200    OM            OMw        -
access-review-finish      POST  409    OM            OMw        -
access-review-cancel      GET   200    OM            OMw        -
access-review-cancel      POST  409    OM            OMw        -
access-review-evidence    GET   200    OM            OMmwg      -
access-review-checksum    GET   200    OM            OMmwg      -

membership-selected     POST  302      OM            OMmwg      OMmwg
membership-index        GET   200      OM            OMmwg      OMmwg
membership-change-role  GET   200      OM            OMw        OMw
membership-change-role  POST  200      OM            OMw        OMw
membership-change-dates GET   200      OM            OMw        OMw
membership-change-dates POST  200      OM            OMw        OMw
membership-extend       POST  409      OM            OMw        OMw
membership-suspend      GET   200      OM            OMw        OMw
membership-suspend      POST  409      OM            OMw        OMw
membership-reactivate   POST  409      OM            OMw        OMw
membership-remove       GET   200      OM            OMw        OMw
membership-remove       POST  409      OM            OMw        OMw
membership-leave        GET   200:404  OMmvd         wg         a
membership-leave        POST  409:404  OMmvd         wg         a

invitation-send         GET   200      OM            OMw        OMw
invitation-send         POST  200      OM            OMw        OMw
invitation-send-many    GET   200      OM            OMw        OMw
invitation-send-many    POST  200      OM            OMw        OMw
invitation-index        GET   200      OM            OMmwg      OMmwg
invitation-extend       GET   200      OM            OMw        OMw
invitation-extend       POST  200      OM            OMw        OMw
invitation-change-role  GET   200      OM            OMw        OMw
invitation-change-role  POST  200      OM            OMw        OMw
invitation-resend       POST  409      OM            OMw        OMw
invitation-copy-link    POST  409      OM            OMw        OMw
invitation-revoke       GET   200      OM            OMw        OMw
invitation-revoke       POST  409      OM            OMw        OMw

join                    GET   302      OMmvd         -          -
join                    POST  302      OMmvd         -          -
join-now                POST  404:404  .             -          -
email-domain-add        GET   200      O             -          -
email-domain-add        POST  200      O             -          -
email-domain-edit       GET   200      O             -          -
email-domain-edit       POST  200      O             -          -
email-domain-verify     POST  409      O             -          -
email-domain-remove     GET   200      O             -          -
email-domain-remove     POST  409      O             -          -
joining                 GET   200      OM            -          -
joining                 POST  409      OM            -          -
blocked-person-unblock  POST  409      OM            -          -
access-request-ask      POST  302      OMmvd         OMmvdwg    OMmvdwga
access-request-approve  GET   200      OM            OMw        OMw
access-request-approve  POST  200      OM            OMw        OMw
access-request-decline  POST  409      OM            OMw        OMw
access-request-block    GET   200      OM            OM         OM
access-request-block    POST  409      OM            OM         OM

audit-event-index       GET   200      OM            OM         OM
audit-event-export      GET   200      OM            OM         OM
"""

# Whom the node of an address exists for, by where it is.
SEEN = {
    "own": {
        "organization": "OMmvd",
        "workspace": "OMmvdwg",
        "application": "OMmvdwga",
    },
    "sibling": {"workspace": "OMmvd", "application": "OMmvd"},
    "other": {"organization": "o", "workspace": "o", "application": "o"},
}
# Who sees nothing of it at present, and finds that page all the same: everybody may leave.
RESTING = {("console:membership-leave", "organization"): "s"}
# Addresses that exist for nobody: of two different branches, of what is deleted, of what never was.
NOWHERE = ("mixed", "deleted", "never")

# What everybody who is signed in is answered, and everybody who is not.
OTHER_PAGES = """
name                                  GET      POST

console:home                          200/200  405/405
console:switcher                      200/302  405/302
console:search                        200/302  405/302
console:trash                         200/302  405/302
console:restore                       405/302  404/302
console:ownership-offer-detail        404/302  405/302
console:ownership-offer-accept        405/302  404/302
console:ownership-offer-decline       405/302  404/302
console:transfer-offer                404/302  405/302
console:transfer-accept               405/302  404/302
console:transfer-decline              405/302  404/302
console:view-as-leave                 405/302  302/302
console:slug-check                    404/302  405/302
console:organization-create           200/302  200/302
console:account-close                 200/302  200/302
console:access-request-withdraw       405/302  404/302
console:invitation-open               302/302  405/405
console:invitation-show               404/302  405/302
console:invitation-detail             404/404  405/405
console:invitation-accept             405/405  404/404
console:invitation-decline            405/405  404/404
console:invitation-switch             405/405  404/404

accounts:profile                      200/302  422/302
accounts:session-end                  405/302  404/302
accounts:avatar                       404/302  405/302

account_login                         302/200  302/200
account_logout                        200/302  302/302
account_inactive                      200/200  405/405
account_signup                        302/200  302/200
account_reauthenticate                200/302  200/302
account_email                         200/302  302/302
account_email_verification_sent       302/302  302/302
account_change_password               200/302  200/302
account_set_password                  302/302  302/302
account_reset_password                200/200  200/200
account_reset_password_done           200/200  405/405
account_reset_password_from_key       200/200  200/200
account_reset_password_from_key_done  200/200  405/405
account_confirm_login_code            302/302  302/302
mfa_index                             200/302  405/302
mfa_authenticate                      302/302  302/302
mfa_reauthenticate                    302/302  302/302
mfa_activate_totp                     200/302  200/302
mfa_deactivate_totp                   404/302  404/302
mfa_view_recovery_codes               404/302  405/302
mfa_generate_recovery_codes           200/302  200/302
mfa_download_recovery_codes           404/302  404/302
mfa_list_webauthn                     200/302  405/302
mfa_add_webauthn                      200/302  200/302
mfa_reauthenticate_webauthn           302/302  302/302
mfa_remove_webauthn                   404/302  404/302
mfa_edit_webauthn                     404/302  404/302
mfa_login_webauthn                    302/302  302/302
usersessions_list                     200/302  302/302
"""
# But these people are answered something else there.
EXCEPT = {
    ("console:home", "GET"): {
        "mvdga": 302
    },  # straight to the only place they have, when nothing waits there
    ("console:restore", "POST"): {"O": 409},
    ("console:invitation-show", "GET"): {"t": 302},  # whom it is for
}

# What staff without permissions are answered, and superusers. Whoever is signed in and no staff is
# answered 403 everywhere, whoever is not signed in is led to sign in. "node" is each of the three.
STAFF_PAGES = """
name                            GET      POST

index                           200/200  200/200
search                          200/200  200/200
app_list                        404/200  404/200
login                           302/302  302/302
logout                          200/200  302/302
password_change                 302/302  302/302
password_change_done            302/302  302/302
autocomplete                    403/403  405/405
jsi18n                          200/200  405/405
change-page-without-its-name    302/302  302/302
absent                          404/404  404/404

hierarchy_node_changelist       403/200  403/200
hierarchy_organization_add      403/403  403/403
hierarchy_workspace_add         403/200  403/200
hierarchy_application_add       403/200  403/200
hierarchy_node_change           403/200  403/200
hierarchy_node_delete           302/200  302/200
hierarchy_node_history          404/404  404/404
hierarchy_node_settings         404/200  404/200
hierarchy_node_people           404/200  404/200
hierarchy_node_open_in_console  404/302  404/302
hierarchy_node_suspend          302/200  302/302
hierarchy_node_resume           302/200  302/200
hierarchy_node_restore          302/200  302/200
hierarchy_organization_recover  404/302  404/302

hierarchy_membership_changelist  403/200  403/200
hierarchy_membership_add         403/200  403/200
hierarchy_membership_change      403/200  403/200
hierarchy_membership_delete      403/403  403/403
hierarchy_membership_history     404/404  404/404
hierarchy_membership_suspend     302/200  302/302
hierarchy_membership_reactivate  302/200  302/200
hierarchy_membership_remove      302/200  302/302

hierarchy_invitation_changelist  403/200  403/200
hierarchy_invitation_add         403/200  403/200
hierarchy_invitation_change      403/200  403/403
hierarchy_invitation_delete      403/403  403/403
hierarchy_invitation_history     404/404  404/404
hierarchy_invitation_resend      302/200  302/302
hierarchy_invitation_revoke      302/200  302/302

hierarchy_ownershiprecovery_changelist  403/200  403/200
hierarchy_ownershiprecovery_add         403/200  403/200
hierarchy_ownershiprecovery_change      403/302  403/403
hierarchy_ownershiprecovery_delete      403/403  403/403
hierarchy_ownershiprecovery_history     404/404  404/404
hierarchy_ownershiprecovery_complete    302/302  302/302
hierarchy_ownershiprecovery_cancel      302/302  302/302

hierarchy_customrole_changelist  403/200  403/200
hierarchy_customrole_add         403/403  403/403
hierarchy_customrole_change      403/200  403/403
hierarchy_customrole_delete      403/403  403/403
hierarchy_customrole_history     404/404  404/404

hierarchy_accessreview_changelist  403/200  403/200
hierarchy_accessreview_add         403/403  403/403
hierarchy_accessreview_change      403/200  403/403
hierarchy_accessreview_delete      403/403  403/403
hierarchy_accessreview_history     404/404  404/404

hierarchy_accessrequest_changelist  403/200  403/200
hierarchy_accessrequest_add         403/403  403/403
hierarchy_accessrequest_change      403/200  403/403
hierarchy_accessrequest_delete      403/403  403/403
hierarchy_accessrequest_history     404/404  404/404

hierarchy_emaildomain_changelist  403/200  403/200
hierarchy_emaildomain_add         403/403  403/403
hierarchy_emaildomain_change      403/200  403/403
hierarchy_emaildomain_delete      403/403  403/403
hierarchy_emaildomain_history     404/404  404/404

hierarchy_ownershipoffer_changelist  403/200  403/200
hierarchy_ownershipoffer_add         403/403  403/403
hierarchy_ownershipoffer_change      403/302  403/403
hierarchy_ownershipoffer_delete      403/403  403/403
hierarchy_ownershipoffer_history     404/404  404/404

hierarchy_transfer_changelist  403/200  403/200
hierarchy_transfer_add         403/403  403/403
hierarchy_transfer_change      403/302  403/403
hierarchy_transfer_delete      403/403  403/403
hierarchy_transfer_history     404/404  404/404

hierarchy_auditevent_changelist  403/200  403/200
hierarchy_auditevent_add         403/403  403/403
hierarchy_auditevent_change      403/200  403/403
hierarchy_auditevent_delete      403/403  403/403
hierarchy_auditevent_history     404/404  404/404

hierarchy_identity_changelist  403/200  403/200
hierarchy_identity_add         403/403  403/403
hierarchy_identity_change      403/302  403/403
hierarchy_identity_delete      403/403  403/403
hierarchy_identity_history     404/404  404/404
hierarchy_identity_erase       302/302  302/302

hierarchy_purgereceipt_changelist  403/200  403/200
hierarchy_purgereceipt_add         403/403  403/403
hierarchy_purgereceipt_change      403/302  403/403
hierarchy_purgereceipt_delete      403/403  403/403
hierarchy_purgereceipt_history     404/404  404/404

hierarchy_outgoingmail_changelist  403/200  403/200
hierarchy_outgoingmail_add         403/403  403/403
hierarchy_outgoingmail_change      403/302  403/403
hierarchy_outgoingmail_delete      403/403  403/403
hierarchy_outgoingmail_history     404/404  404/404
hierarchy_outgoingmail_resend      302/302  302/302

accounts_user_changelist         403/200  403/200
accounts_user_add                403/403  403/403
accounts_user_change             403/200  403/409
accounts_user_delete             403/403  403/403
accounts_user_history            404/404  404/404
accounts_user_access             404/200  404/200
accounts_user_deactivate         302/200  302/302
accounts_user_reactivate         302/200  302/200
accounts_user_erase              302/200  302/302

auth_group_changelist            403/200  403/200
auth_group_add                   403/200  403/200
auth_group_change                403/302  403/302
auth_group_delete                403/302  403/302
auth_group_history               404/404  404/404

account_emailaddress_changelist  403/200  403/200
account_emailaddress_add         403/403  403/403
account_emailaddress_change      403/200  403/403
account_emailaddress_delete      403/403  403/403
account_emailaddress_history     404/404  404/404

mfa_authenticator_changelist     403/200  403/200
mfa_authenticator_add            403/403  403/403
mfa_authenticator_change         403/200  403/403
mfa_authenticator_delete         403/200  403/302
mfa_authenticator_history        404/404  404/404

usersessions_usersession_changelist  403/200  403/200
usersessions_usersession_add         403/403  403/403
usersessions_usersession_change      403/302  403/403
usersessions_usersession_delete      403/403  403/403
usersessions_usersession_history     404/404  404/404

procrastinate_procrastinatejob_changelist  403/200  403/200
procrastinate_procrastinatejob_add         403/403  403/403
procrastinate_procrastinatejob_change      403/302  403/403
procrastinate_procrastinatejob_delete      403/403  403/403
procrastinate_procrastinatejob_history     404/404  404/404
procrastinate_procrastinatejob_retry       302/302  302/302
"""
