"""Our own pages of an account; the others are allauth's."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("sessions/<int:pk>/end/", views.end_session, name="session-end"),
    path("avatars/<slug:stem>.webp", views.avatar, name="avatar"),
]
