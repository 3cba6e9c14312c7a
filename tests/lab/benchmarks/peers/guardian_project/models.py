"""Our tables under names of the peer's, with permissions of its own."""

from django.db import models

from hierarchy.roles import Level, Permission

APP_LABEL = "guardian_project"


def _permissions(level):
    return [(p.value, p.value) for p in Permission if p.level is level]


class Organization(models.Model):
    name = models.CharField(max_length=100)
    slug = models.CharField(max_length=100)

    class Meta:
        managed = False
        db_table = "hierarchy_organization"
        default_permissions = ()
        permissions = _permissions(Level.ORGANIZATION)

    def __str__(self):
        return self.name


class Workspace(models.Model):
    organization = models.ForeignKey(Organization, models.CASCADE)
    name = models.CharField(max_length=100)
    slug = models.CharField(max_length=100)

    class Meta:
        managed = False
        db_table = "hierarchy_workspace"
        default_permissions = ()
        permissions = _permissions(Level.WORKSPACE)

    def __str__(self):
        return self.name


class Application(models.Model):
    workspace = models.ForeignKey(Workspace, models.CASCADE)
    name = models.CharField(max_length=100)
    slug = models.CharField(max_length=100)

    class Meta:
        managed = False
        db_table = "hierarchy_application"
        default_permissions = ()
        permissions = _permissions(Level.APPLICATION)

    def __str__(self):
        return self.name
